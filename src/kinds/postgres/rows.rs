//! The rows. Which parameters need a restart is PostgreSQL's own classification: those of the context `postmaster`.

use super::units::{self, MEMORY as MEMORY_FORM, TIME};
use crate::schema::{Field, Impact, Literal, Risk, When, choice, flag, int, text};

/// Changing it restarts the database, unless `manage: {postgres: {restart: later}}`.
const RESTARTS: Risk = Risk { when: When::Changed, impact: Impact::Restart, why: "restarts the database" };
const RESTART: &[Risk] = &[RESTARTS];

/// With a value below what is in use, the server does not start again.
const RESTART_AND_FLOOR: &[Risk] = &[
    RESTARTS,
    Risk {
        when: When::Lower,
        impact: Impact::Access,
        why: "below what replicas and clients use, the server does not start",
    },
];

/// The live value of a cleared override.
const GONE: &[Literal] = &[Literal::Null];

/// Why tuning the server is harmless.
const TUNES: &str = "it tunes the server and gives nobody access";
/// Why the contents of the log are harmless.
const LOGGED: &str = "it is what the server logs of its own work";
/// The risk of logging fewer connections: an intruder leaves no trace.
const UNSEEN: &[Risk] = &[Risk { when: When::Off, impact: Impact::Security, why: "connections are no longer logged" }];

const fn memory(name: &'static str, canonical: fn(serde_json::Value) -> serde_json::Value) -> Field {
    text(name)
        .form(&MEMORY_FORM)
        .canonical(canonical)
        .cleared_as(GONE)
        .example("64MB")
        .stricter_than_spec("amounts have Postgres's grammar, which the specification does not spell out")
}

const fn time(name: &'static str, canonical: fn(serde_json::Value) -> serde_json::Value) -> Field {
    text(name).form(&TIME).canonical(canonical).cleared_as(GONE).example("8s")
}

const fn count(name: &'static str, min: i64, max: i64) -> Field {
    int(name, min, max).cleared_as(GONE)
}

const fn switch(name: &'static str) -> Field {
    flag(name).cleared_as(GONE)
}

pub(super) const CONNECTIONS: &[Field] = &[
    count("max_connections", 1, 262_143).risks(RESTART_AND_FLOOR).doc("How many clients may be connected at once."),
    count("max_locks_per_transaction", 10, 2_147_483_640)
        .risks(RESTART)
        .doc("How many objects a transaction may lock on average; it determines the size of the lock table."),
    choice("session_replication_role", &["origin", "replica", "local"])
        .cleared_as(GONE)
        .risks(&[Risk {
            when: When::Changed,
            impact: Impact::Security,
            why: "with `replica`, triggers and foreign keys do nothing in the whole database",
        }])
        .doc("Whether triggers and rules run as on an origin or as on a replica."),
];

pub(super) const MEMORY: &[Field] = &[
    memory("shared_buffers", units::blocks)
        .risks(RESTART_AND_FLOOR)
        .doc("How much memory the server shares for pages; with more than the machine has, it does not start."),
    memory("effective_cache_size", units::blocks)
        .harmless(TUNES)
        .doc("How much memory the planner assumes for caches."),
    memory("work_mem", units::kilobytes)
        .harmless(TUNES)
        .doc("How much memory one sort or hash may use before it goes to disk."),
    memory("maintenance_work_mem", units::kilobytes)
        .harmless(TUNES)
        .doc("How much memory vacuuming and building an index may use."),
    memory("autovacuum_work_mem", units::kilobytes)
        .harmless(TUNES)
        .doc("How much memory each worker of autovacuum may use."),
    memory("logical_decoding_work_mem", units::kilobytes)
        .harmless(TUNES)
        .doc("How much memory logical decoding may use before changes go to disk."),
    memory("track_activity_query_size", units::bytes)
        .risks(RESTART)
        .doc("How many bytes of a running query are kept to be shown."),
];

pub(super) const PARALLEL: &[Field] = &[
    count("max_worker_processes", 0, 262_143).risks(RESTART_AND_FLOOR).doc("How many background workers there may be."),
    count("max_parallel_workers", 0, 1024).harmless(TUNES).doc("How many workers parallel queries may use together."),
    count("max_parallel_workers_per_gather", 0, 1024)
        .harmless(TUNES)
        .doc("How many workers one node of a parallel query may use."),
    count("max_parallel_maintenance_workers", 0, 1024)
        .harmless(TUNES)
        .doc("How many workers building an index may use."),
    count("max_logical_replication_workers", 0, 262_143)
        .risks(RESTART)
        .doc("How many workers logical replication may use."),
    count("max_sync_workers_per_subscription", 0, 262_143)
        .harmless(TUNES)
        .doc("How many workers copy tables when a subscription starts."),
    count("autovacuum_max_workers", 1, 262_143).risks(RESTART).doc("How many workers autovacuum may use."),
];

pub(super) const WAL: &[Field] = &[
    memory("max_wal_size", units::megabytes)
        .harmless(TUNES)
        .doc("How large the write-ahead log may grow between checkpoints."),
    memory("wal_keep_size", units::megabytes)
        .harmless(TUNES)
        .doc("How much of the write-ahead log is kept for standbys."),
    memory("max_slot_wal_keep_size", units::megabytes)
        .harmless(TUNES)
        .doc("How much of the write-ahead log a replication slot may hold back; `-1` is no limit."),
    count("max_replication_slots", 0, 262_143)
        .risks(RESTART_AND_FLOOR)
        .stricter_than_spec("a count of slots is not negative; PostgreSQL allows 0 to 262143")
        .doc("How many replication slots there may be."),
    count("max_wal_senders", 0, 262_143)
        .risks(RESTART_AND_FLOOR)
        .stricter_than_spec("a count of processes is not negative; PostgreSQL allows 0 to 262143")
        .doc("How many processes may send the write-ahead log to standbys."),
    switch("hot_standby_feedback").harmless(TUNES).doc("Let a standby report which rows its queries still need."),
    switch("track_commit_timestamp").risks(RESTART).doc("Record when each transaction was committed."),
];

pub(super) const TIMEOUTS: &[Field] = &[
    time("statement_timeout", units::milliseconds)
        .harmless(TUNES)
        .doc("How long a statement may run before it is cancelled; `0` is no limit."),
    time("checkpoint_timeout", units::seconds)
        .example("10min")
        .harmless(TUNES)
        .doc("The longest time between two checkpoints."),
    time("wal_sender_timeout", units::milliseconds)
        .harmless(TUNES)
        .doc("How long a standby may be silent before it is dropped."),
    time("max_standby_archive_delay", units::milliseconds)
        .stricter_than_spec("times have Postgres's grammar, which the specification does not spell out here")
        .harmless(TUNES)
        .doc("How long a standby lets queries delay changes from the archive."),
    time("max_standby_streaming_delay", units::milliseconds)
        .stricter_than_spec("times have Postgres's grammar, which the specification does not spell out here")
        .harmless(TUNES)
        .doc("How long a standby lets queries delay changes from the stream."),
];

pub(super) const LOGS: &[Field] = &[
    switch("log_connections").risks(UNSEEN).doc("Log each connection that is made."),
    switch("log_disconnections").risks(UNSEEN).doc("Log each connection that ends."),
    switch("log_checkpoints").harmless(LOGGED).doc("Log each checkpoint and what it wrote."),
    switch("log_duration").harmless(LOGGED).doc("Log how long each statement took."),
    switch("log_lock_waits").harmless(LOGGED).doc("Log when a session waits long for a lock."),
    switch("log_recovery_conflict_waits").harmless(LOGGED).doc("Log when recovery on a standby waits for queries."),
    switch("log_replication_commands").harmless(LOGGED).doc("Log each command of replication."),
    time("log_autovacuum_min_duration", units::milliseconds)
        .harmless(LOGGED)
        .doc("Log a run of autovacuum that took at least so long; `-1` logs none, `0` all."),
    time("log_startup_progress_interval", units::milliseconds)
        .harmless(LOGGED)
        .doc("How often progress is logged while the server starts."),
    memory("log_temp_files", units::kilobytes)
        .harmless(LOGGED)
        .doc("Log temporary files of at least this size; `-1` logs none."),
];

pub(super) const EXTENSIONS: &[Field] = &[
    count("pg_stat_statements.max", 100, 45_000)
        .risks(RESTART)
        .doc("How many statements pg_stat_statements keeps track of."),
    count("pg_net.batch_size", 0, 32_767).harmless(TUNES).doc("How many requests pg_net works on at once."),
    switch("cron.log_statement").risks(RESTART).doc("Log each statement that pg_cron runs."),
];
