//! Every row of every kind, with each sort of value that its type forbids.

use serde_json::json;
use supaform::kind::{KindInfo, Shape, infos};
use supaform::kinds::KINDS;
use supaform::schema::{Field, Type, Unit, Wire};

use super::harness::{Files, Mutant, file};
use crate::support::item_name;

const PATH: &str = "acme.yaml";
const FOREIGN_KEY: &str = "sb_secret_hunter2hunter2";

/// What every mutant of a row stands in.
pub(crate) fn base() -> Files {
    [("supaform.yaml".to_owned(), "version: 1\n".to_owned())].into()
}

pub(crate) fn mutants() -> Vec<Mutant> {
    infos(KINDS).flat_map(|info| info.all_fields().flat_map(move |row| of_row(info, row))).collect()
}

fn of_row(info: &'static KindInfo, row: &'static Field) -> Vec<Mutant> {
    let plain = matches!(info.shape, Shape::Collection { scalar: Some(_), .. });
    let (item, indent) = match info.shape {
        Shape::Settings { .. } => (String::new(), "  "),
        Shape::Collection { .. } => (format!("  {}:\n", item_name(info)), "    "),
    };
    let at = |line: &str| format!("project: acme\nref: aaaaaaaaaaaaaaaaaaaa\n{}:\n{item}{indent}{line}\n", info.name);
    let name = row.name;
    let mut mutants = vec![];
    let mut add = |rule: &str, code, line: &str| {
        mutants.push(file(&format!("{}.{name}: {rule}", info.name), code, PATH, &at(line)));
    };
    add("nothing after the colon", "E0301", &format!("«{name}»:"));
    if !row.nullable() {
        add("null", "E0302", &format!("{name}: «null»"));
    }
    add("half a marker", "E0240", &format!("{name}: {{unmanaged: «false»}}"));
    let twice = format!("{name}: {{unmanaged: true}}\n{indent}«{name}»: {{unmanaged: true}}");
    add("twice", "E0111", &twice);
    let faults = if row.is_secret() { of_secret(row, plain) } else { of_type(&row.ty, row, true) };
    for (rule, code, value) in faults {
        add(rule, code, &format!("{name}: {value}"));
    }
    if matches!(info.shape, Shape::Settings { .. }) {
        // The two last letters swapped.
        let mut letters: Vec<char> = name.chars().collect();
        let last = letters.len() - 1;
        letters.swap(last, last - 1);
        let typo: String = letters.into_iter().collect();
        if typo != name && info.field(&typo).is_none() {
            let line = format!("«{typo}»: {{unmanaged: true}}");
            mutants.push(
                file(&format!("{}.{name}: a typo", info.name), "E0205", PATH, &at(&line)).hint(&format!("`{name}`")),
            );
        }
        let text = format!("project: acme\nref: aaaaaaaaaaaaaaaaaaaa\n«{name}»: {{unmanaged: true}}\n");
        let misplaced = file(&format!("{}.{name}: at the wrong level", info.name), "E0204", PATH, &text);
        // Where several sections have such a field, the message names them all.
        let alone = infos(KINDS).filter(|other| other.field(name).is_some()).count() == 1;
        // A field that is called as its section is a section there.
        if name != info.name {
            mutants.push(if alone { misplaced.hint(&format!("`{}", info.name)) } else { misplaced });
        }
    }
    mutants
}

type Fault = (&'static str, &'static str, String);

fn fault(rule: &'static str, code: &'static str, value: impl Into<String>) -> Fault {
    (rule, code, value.into())
}

fn of_secret(row: &Field, plain: bool) -> Vec<Fault> {
    let mut faults = vec![
        fault("a literal", "E0400", "«hunter2»"),
        fault("a number as literal", "E0400", "«12345»"),
        fault("a digest", "E0401", format!("«{}»", "0a".repeat(32))),
        fault("a call", "E0406", "«env(SMTP_PASS)»"),
        fault("a misspelt reference", "E0403", "«{secrett: hunter2}»"),
        fault("two references", "E0403", "«{secret: A, env: B}»"),
        fault("a reference to nothing", "E0403", "{secret: «\"\"»}"),
        fault("a secret for a name", "E0403", "{secret: «hunter2!»}"),
        fault("the tool's own token", "E0404", "{env: «SUPABASE_ACCESS_TOKEN»}"),
        fault("out of the root", "E0418", "{file: «../../hunter.txt»}"),
        fault("a command as text", "E0403", "{exec: «pass»}"),
        fault("no command", "E0403", "{exec: «[]»}"),
        fault("a variable that is not defined", "E0230", "{secret: \"A${var.«nowhere»}\"}"),
    ];
    match row.wire {
        Wire::Joined(_) => faults.extend([
            fault("a literal in a list", "E0400", "[{secret: A}, «hunter2»]"),
            fault("no secrets", "E0400", "«[]»"),
        ]),
        _ => faults.push(fault("a list", "E0400", "«[{secret: A}]»")),
    }
    if plain {
        faults.push(fault("nothing, plainly", "E0410", "{plain: «\"\"»}"));
        faults.push(fault("a number, plainly", "E0403", "{plain: «8080»}"));
        faults.push(fault("a secret, plainly", "E0402", format!("{{plain: «{FOREIGN_KEY}»}}")));
    } else {
        faults.push(fault("a plain value", "E0407", "{plain: «hunter2»}"));
    }
    faults
}

/// What a type forbids, each fault alone. `whole`: it is the field itself, not an item of it.
fn of_type(ty: &Type, row: &Field, whole: bool) -> Vec<Fault> {
    let mut faults = match ty {
        Type::Bool => vec![
            fault("`yes`", "E0303", "«yes»"),
            fault("a text", "E0303", "«\"true\"»"),
            fault("a number", "E0303", "«1»"),
            fault("a list", "E0303", "«[true]»"),
            fault("a reference", "E0303", "«{env: FLAG}»"),
        ],
        Type::Int { min, max } => {
            let mut faults = of_number(row, &max.to_string());
            faults.push(fault("a fraction", "E0303", "«1.5»"));
            faults.extend(min.checked_sub(1).map(|less| fault("below the least", "E0304", format!("«{less}»"))));
            faults.extend(max.checked_add(1).map(|more| fault("above the greatest", "E0304", format!("«{more}»"))));
            faults
        }
        Type::Number { min, max } => {
            let mut faults = of_number(row, &max.to_string());
            faults.push(fault("below the least", "E0304", format!("«{}»", min - 0.5)));
            faults.push(fault("above the greatest", "E0304", format!("«{}»", max + 0.5)));
            faults
        }
        Type::Text(rule) => {
            let mut faults = vec![
                fault("a number", "E0303", "«12»"),
                fault("a boolean", "E0303", "«true»"),
                fault("a secret", "E0402", format!("«{FOREIGN_KEY}»")),
                fault("a call", "E0406", "«env(ADDRESS)»"),
                fault("a shell's variable", "E0233", "«\"a ${DOMAIN}\"»"),
                fault("nested", "E0233", "«\"${var.${var.x}}\"»"),
                fault("a variable that is not defined", "E0230", "\"${var.«nowhere»}\""),
                fault("a label that is not defined", "E0230", "\"x ${label.«nowhere»}\""),
            ];
            if !rule.long {
                faults.push(fault("a line break", "E0310", "«\"a\\nb\"»"));
            }
            if let Some(most) = rule.max_chars {
                faults.push(fault("too long", "E0307", format!("«{}»", "x".repeat(most + 1))));
            }
            if let Some(form) = rule.form {
                let odd = ["", "a,b", "a b", "nobody"].into_iter().find(|text| !(form.holds)(text)).unwrap();
                // A list that the API joins says so first.
                let code = if row.wire == Wire::Plain || row.wire == Wire::Moment { "E0306" } else { "E0309" };
                let code = if odd == "a b" || odd == "nobody" { "E0306" } else { code };
                faults.push(fault("of the wrong form", code, format!("«{}»", json!(odd))));
            }
            if whole {
                faults.extend([
                    fault("out of the root", "E0250", "{file: «../../etc/passwd»}"),
                    fault("absolute", "E0250", "{file: «/etc/passwd»}"),
                    fault("an address", "E0250", "{file: «\"file:///etc/passwd\"»}"),
                    fault("a file that is not there", "E0250", "{file: «nowhere.txt»}"),
                    fault("a word beside `file`", "E0240", "{file: a.txt, «fil»: true}"),
                    fault("a secret's reference", "E0403", "«{secret: NAME}»"),
                    fault("a variable", "E0405", "{env: «ADDRESS»}"),
                    fault("a credential", "E0404", "{env: «GITHUB_TOKEN»}"),
                    fault("a map", "E0303", "«{a: b}»"),
                ]);
            }
            faults
        }
        Type::Choice(_) => vec![
            fault("an unknown word", "E0305", "«nonsense»"),
            fault("a number", "E0303", "«12»"),
            fault("a list", "E0303", "«[a]»"),
            fault("a map", "E0303", "«{a: b}»"),
        ],
        Type::List(of, _) => {
            let mut faults = vec![
                fault("a number", "E0303", "«12»"),
                fault("a map", "E0303", "«{a: b}»"),
                fault("a list within", "E0303", "[«[a]»]"),
                fault("null within", "E0303", "[«null»]"),
            ];
            if whole {
                faults.extend([
                    fault("nothing inherited", "E0241", "«{append: [a]}»"),
                    fault("a word beside `append`", "E0240", "{append: [a], «prepend»: [b]}"),
                    fault("`append` of a text", "E0240", "{append: «a»}"),
                ]);
            }
            match row.wire {
                Wire::Folded(_) => {}
                _ => faults.push(fault("a text with commas", "E0303", "«\"a,b\"»")),
            }
            if matches!(row.wire, Wire::Joined(_) | Wire::Folded(_)) {
                faults.push(fault("an item with a comma", "E0309", "[«\"a,b\"»]"));
                faults.push(fault("an empty item", "E0309", "[«\"\"»]"));
                faults.push(fault("blanks around an item", "E0309", "[«\" a\"»]"));
            }
            faults.extend(
                of_type(of, row, false).into_iter().map(|(rule, code, value)| (rule, code, format!("[{value}]"))),
            );
            faults
        }
        Type::Map(of) => {
            let mut faults = vec![fault("a number", "E0303", "«12»"), fault("a list", "E0303", "«[a]»")];
            let within = of_type(of, row, false);
            faults.extend(within.into_iter().map(|(rule, code, value)| (rule, code, format!("{{\"1\": {value}}}"))));
            faults
        }
        Type::Object(fields) => {
            let mut faults = vec![
                fault("a number", "E0303", "«12»"),
                fault("a list", "E0303", "«[a]»"),
                fault("an unknown part", "E0311", "{«nonsense»: 1}"),
            ];
            for field in *fields {
                let within = of_type(&field.ty, field, false);
                let member = |value: &str| format!("{{{}: {value}}}", field.name);
                faults.extend(within.into_iter().map(|(rule, code, value)| (rule, code, member(&value))));
            }
            faults
        }
        Type::Any => vec![
            fault("wider than JSON", "E0312", "«99999999999999999999»"),
            fault("a secret", "E0402", format!("«{FOREIGN_KEY}»")),
        ],
    };
    if whole && !matches!(ty, Type::Text(_) | Type::Any | Type::Map(_) | Type::Object(_)) {
        faults.push(fault("a variable that is not defined", "E0230", "\"${var.«nowhere»}\""));
    }
    faults
}

fn of_number(row: &Field, most: &str) -> Vec<Fault> {
    let mut faults = vec![
        fault("a quoted number", "E0303", "«\"5\"»"),
        fault("a boolean", "E0303", "«true»"),
        fault("a list", "E0303", "«[1]»"),
        fault("wider than 64 bits", "E0304", "«18446744073709551616»"),
        fault("a secret", "E0402", format!("«{FOREIGN_KEY}»")),
    ];
    match row.unit {
        None => faults.push(fault("a unit where none is", "E0303", "«5s»")),
        Some(Unit::Seconds) => faults.extend([
            fault("no whole second", "E0308", "«1ms»"),
            fault("an unknown unit", "E0308", "«1 hour»"),
            fault("too long a time", "E0304", format!("«{most}m»")),
        ]),
        Some(Unit::Hours) => faults.extend([
            fault("an hour that the API cannot count in parts", "E0308", "«10m»"),
            fault("an unknown unit", "E0308", "«1y»"),
            fault("too long a time", "E0304", format!("«{most}d»")),
        ]),
        Some(Unit::Bytes) => faults.extend([
            fault("thousands or 1024s", "E0308", "«50MB»"),
            fault("too large", "E0304", format!("«{most}GiB»")),
        ]),
    }
    faults
}
