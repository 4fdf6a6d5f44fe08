//! SQL by itself: rows, errors, roles, limits.

use serde_json::{Value, json};
use supaform::sandbox::{Options, QuerySwitches, Switches, TokenRights};

use super::{Test, block_on, options, rows, sent};
use crate::support::http::Api;
use crate::support::scene::REF;

pub(super) const ALL: &[Test] = &[
    ("rows_are_json_of_their_types", || block_on(rows_are_json_of_their_types())),
    ("the_last_statement_with_rows_answers", || block_on(the_last_statement_with_rows_answers())),
    ("an_error_has_its_state_and_its_place", || block_on(an_error_has_its_state_and_its_place())),
    ("one_text_is_one_transaction", || block_on(one_text_is_one_transaction())),
    ("who_only_reads_writes_nothing", || block_on(who_only_reads_writes_nothing())),
    ("a_statement_may_not_take_forever", || block_on(a_statement_may_not_take_forever())),
    ("where_a_text_comes_from_is_put_behind_it", || block_on(where_a_text_comes_from_is_put_behind_it())),
    ("what_migrations_meet_is_there", || block_on(what_migrations_meet_is_there())),
    ("sql_reaches_neither_the_machine_nor_its_server", || block_on(sql_reaches_neither_the_machine_nor_its_server())),
];

async fn rows_are_json_of_their_types() {
    let api = Api::new(options());
    let asked = "select 1, true as b, 5::bigint as big, 9007199254740993 as bigger, 1.50 as exact, 0.5::float8 as float, \
        'x'::text as text, null as none, '{\"a\": [1]}'::jsonb as json, array['a', null, 'b c'] as list, \
        '\\x00ff'::bytea as bytes, timestamptz '2026-01-02 03:04:05+00' as at, date '2026-01-02' as day";
    let expected = json!([{"?column?": 1, "b": true, "big": 5, "bigger": "9007199254740993", "exact": "1.50", "float": 0.5,
        "text": "x", "none": null, "json": {"a": [1]}, "list": ["a", null, "b c"],
        "bytes": {"type": "Buffer", "data": [0, 255]}, "at": "2026-01-02 03:04:05+00", "day": "2026-01-02"}]);
    assert_eq!(rows(&api, asked).await, expected);
    let path = format!("/v1/projects/{REF}/database/query");
    let body =
        json!({"query": "select $1::int + 1 as n, $2 as t, $3::text[] as l", "parameters": [1, "x'", ["a", null]]});
    let answer = api.send("POST", &path, Some(body)).await;
    assert_eq!(answer.body, Some(json!([{"n": 2, "t": "x'", "l": ["a", null]}])));
    let two = json!({"query": "select $1; select 2", "parameters": [1]});
    assert!(api.send("POST", &path, Some(two)).await.message().contains("42601"));
}

async fn the_last_statement_with_rows_answers() {
    let api = Api::new(options());
    assert_eq!(rows(&api, "create table a (b int)").await, json!([]));
    assert_eq!(rows(&api, "select 1 as a; select 2 as a; insert into a values (1)").await, json!([{"a": 2}]));
    assert_eq!(rows(&api, "select b from a; select 1 where false").await, json!([{"b": 1}]));
}

async fn an_error_has_its_state_and_its_place() {
    let api = Api::new(options());
    let answer = sent(&api, "create table a (b int);\nselect 'ü', c from a;\n").await;
    assert_eq!(answer.status, 400);
    let said = "Failed to run sql query: ERROR:  42703: column \"c\" does not exist\nLINE 2: select 'ü', c from a;\n                    ^\n";
    assert_eq!(answer.message(), said);
    let answer = sent(&api, "create table a (b int primary key); insert into a values (1), (1)").await;
    let said = "Failed to run sql query: ERROR:  23505: duplicate key value violates unique constraint \"a_pkey\"\nDETAIL:  Key \
        (b)=(1) already exists.\n";
    assert_eq!(answer.message(), said);
    let answer = sent(&api, "do $$ begin perform 1 / 0; end $$").await;
    assert!(answer.message().contains("22012") && answer.message().contains("\nCONTEXT:  "), "{}", answer.message());
}

async fn one_text_is_one_transaction() {
    let api = Api::new(options());
    assert_eq!(sent(&api, "create table a (b int); select 1 / 0").await.status, 400);
    assert_eq!(rows(&api, "select to_regclass('a') is null as gone").await, json!([{"gone": true}]));
    let answer = sent(&api, "create table a (b int); create index concurrently i on a (b)").await;
    assert!(answer.message().contains("25001"), "{}", answer.message());
    rows(&api, "create table a (b int)").await;
    rows(&api, "create index concurrently i on a (b)").await;
    // Nothing of a session is left for the next request.
    rows(&api, "set search_path to nowhere").await;
    rows(&api, "select b from a").await;
}

async fn who_only_reads_writes_nothing() {
    let api = Api::new(options());
    rows(&api, "create table a (b int); insert into a values (1)").await;
    let path = format!("/v1/projects/{REF}/database/query/read-only");
    let read = async |query: &str| api.send("POST", &path, Some(json!({"query": query}))).await;
    assert_eq!(read("select b from public.a").await.body, Some(json!([{"b": 1}])));
    assert!(read("select b from a").await.message().contains("42P01"), "schemas are named");
    let refused = "ERROR:  25006: cannot execute CREATE TABLE in a read-only transaction";
    assert!(read("create table public.c (b int)").await.message().contains(refused));
    let members = json!({"query": "insert into public.a values (2)", "read_only": true});
    let answer = api.send("POST", &format!("/v1/projects/{REF}/database/query"), Some(members)).await;
    assert!(answer.message().contains("25006"));
    api.sandbox.edit(|state| {
        state.token = Some(TokenRights { permissions: vec!["database_read".to_owned()], ..TokenRights::default() });
    });
    assert!(sent(&api, "insert into public.a values (2)").await.message().contains("25006"));
    assert_eq!(rows(&api, "select b from public.a").await, json!([{"b": 1}]));
}

fn with(query: QuerySwitches) -> Api {
    Api::new(Options { switches: Switches { query, ..Switches::default() }, ..options() })
}

async fn a_statement_may_not_take_forever() {
    let api = with(QuerySwitches { statement_timeout_ms: 100, ..QuerySwitches::default() });
    let answer = sent(&api, "select pg_sleep(60)").await;
    assert_eq!(answer.status, 400);
    assert!(answer.message().contains("ERROR:  57014: canceling statement due to statement timeout"));
}

async fn where_a_text_comes_from_is_put_behind_it() {
    let asked = "select query from pg_stat_activity where pid = pg_backend_pid()";
    let seen = |rows: &Value| rows[0]["query"].as_str().unwrap().to_owned();
    let plain = with(QuerySwitches { comment_suffix: false, ..QuerySwitches::default() });
    assert_eq!(seen(&rows(&plain, asked).await), asked);
    let text = seen(&rows(&Api::new(options()), asked).await);
    let behind: Vec<_> = text.strip_prefix(asked).unwrap().lines().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(behind, ["", "-- source", "-- user", "-- date"]);
    // Not behind a comment that ends the text, nor in the history.
    rows(&Api::new(options()), "select 1 -- one").await;
}

async fn what_migrations_meet_is_there() {
    let api = Api::new(options());
    for text in [
        "create table public.profiles (id uuid primary key references auth.users on delete cascade, name text)",
        "alter table public.profiles enable row level security",
        "create policy own on public.profiles for select to authenticated using (auth.uid() = id)",
        "create function public.made() returns trigger language plpgsql security definer set search_path = '' as $$ begin \
            insert into public.profiles (id) values (new.id); return new; end $$",
        "create trigger made after insert on auth.users for each row execute function public.made()",
        "grant select on public.profiles to anon, service_role",
        "grant execute on function public.made() to supabase_auth_admin",
        "insert into storage.buckets (id, name) values ('a', 'a')",
        "create policy files on storage.objects for select using (bucket_id = 'a' and (storage.foldername(name))[1] = auth.uid()::text)",
        "alter publication supabase_realtime add table public.profiles",
        "create extension if not exists pgcrypto with schema extensions",
        "create role clerk nologin",
        "alter role authenticated set statement_timeout = '8s'",
        "create schema private",
    ] {
        rows(&api, text).await;
    }
    let id = "00000000-0000-0000-0000-000000000001";
    rows(&api, &format!("insert into auth.users (id) values ('{id}')")).await;
    let claims = json!({"sub": id, "role": "authenticated"});
    let asked = format!(
        "set role authenticated; set request.jwt.claims to '{claims}'; select count(*) as n, auth.role() as r from profiles"
    );
    assert_eq!(rows(&api, &asked).await, json!([{"n": 1, "r": "authenticated"}]));
    let other = asked.replace("0001", "0002");
    assert_eq!(rows(&api, &other).await, json!([{"n": 0, "r": "authenticated"}]));
    let mine = "select has_table_privilege('anon', 'public.profiles', 'select') as s, has_table_privilege('anon', 'public.profiles', 'insert') as i";
    assert_eq!(rows(&api, mine).await, json!([{"s": true, "i": true}]), "row-level security guards, not grants");
}

async fn sql_reaches_neither_the_machine_nor_its_server() {
    let api = Api::new(options());
    for (text, state) in [
        ("copy (select 1) to program 'true'", "42501"),
        ("copy (select 1) to '/tmp/supaform'", "42501"),
        ("select pg_read_file('/etc/passwd')", "42501"),
        ("alter system set work_mem = '1GB'", "42501"),
        ("create table a (b int); copy a from stdin", "57014"),
    ] {
        let answer = sent(&api, text).await;
        assert!(answer.message().contains(state), "{text}: {:?}", answer.body);
    }
}
