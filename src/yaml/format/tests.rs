//! Forms by example.

use super::format;

fn formatted(text: &str) -> String {
    format(text).unwrap_or_else(|| panic!("not formatted:\n{text}"))
}

#[test]
fn spaces_quotes_and_lines() {
    let form = formatted(
        "

project:   'acme'
ref: \"aaaaaaaaaaaaaaaaaaaa\"   # ours   
labels: { env : prod,tier:   'gold' , \"on\": no }


auth:
    site_url:   https://acme.com
    uri_allow_list:
    - 'https://acme.com/callback'
    -   http://localhost:3000


    # why
    jwt_exp: 1h      # an hour
    smtp_pass: {secret: \"SMTP_PASS\"}    # from CI
",
    );
    insta::assert_snapshot!(form);
}

#[test]
fn brackets_over_several_lines_and_long_ones_are_blocks() {
    let form = formatted(
        "
a: [ # why
  one,   # first

  two # second
  # nothing more
]
b: {x: [https://one.example.com/callback, https://two.example.com/callback], y: [https://three.example.com/callback, four]} # long
c: [{k: 1}, {k: 2, l: [3, 4]},
  [5], pair: 6]
d: []   # none
e: {}
f: &f [1,
  2]
g:
  - - *f
    - {k: [*f, &h x]}
  -
    # below the dash
    k: v
  - # behind the dash
    k: v
  - &i
    k: v
",
    );
    insta::assert_snapshot!(form);
}

#[test]
fn comments_stay_where_they_stand() {
    let form = formatted(
        "# head

# of the file
---
# of a
a:   # behind a
   # of b
   b:
     c: 1
     # below c
   # below b
# of d
d:
- 1
# of two
- 2
# of e
e: # of nothing
  text
f:

  # last of f
  g: 1
  # below g

# the end
",
    );
    insta::assert_snapshot!(form);
}

#[test]
fn long_texts_move_as_they_are() {
    let form = formatted(
        "
a:
      b: |   # kept
         one

           two  
         three


      c: >-
          folded
          text
      # of d
      d: |2
           space first
      e: plain over
         two lines

         and a third
      f: \"quoted \\
         over lines\"
      g: |+
        kept

      h: &x |
        anchored
      i: |
",
    );
    insta::assert_snapshot!(form);
    assert_eq!(formatted("a: |\n  no end"), "a: |\n  no end\n");
    assert_eq!(formatted("a: |+\n  x\n\n\n"), "a: |+\n  x\n\n\n");
}

#[test]
fn line_ends_stay() {
    assert_eq!(formatted("a:   1\r\nb: |\r\n    x\r\n"), "a: 1\r\nb: |\r\n  x\r\n");
}

#[test]
fn what_is_no_map_is_left_alone() {
    for text in ["", "# only a comment\n", "text", "a: [1", "a: !t b", "a: 1\n---\nb: 2\n"] {
        assert_eq!(format(text), None, "{text:?}");
    }
}
