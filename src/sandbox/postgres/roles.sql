-- The roles of every project, which belong to the whole server: one sandbox on it makes them at a time.
select pg_advisory_xact_lock(hashtext('supaform'));
do $$
declare
  wanted text[] := array[
    'postgres login createdb createrole replication bypassrls',
    'anon nologin noinherit',
    'authenticated nologin noinherit',
    'service_role nologin noinherit bypassrls',
    'authenticator login noinherit',
    'dashboard_user nologin createdb createrole replication',
    'supabase_admin nologin',
    'supabase_auth_admin nologin noinherit createrole',
    'supabase_storage_admin nologin noinherit createrole',
    'supabase_functions_admin nologin noinherit createrole',
    'supabase_realtime_admin nologin noinherit',
    'supabase_replication_admin nologin replication',
    'supabase_read_only_user login bypassrls',
    'supabase_etl_admin nologin replication',
    'pgbouncer nologin'
  ];
  one text;
begin
  foreach one in array wanted loop
    if not exists (select from pg_roles where rolname = split_part(one, ' ', 1)) then
      begin
        execute 'create role ' || one;
      exception when duplicate_object or unique_violation then
        -- Another sandbox on this server was faster.
      end;
    end if;
  end loop;
end $$;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
-- Policies are made by who owns a table.
grant supabase_storage_admin, supabase_realtime_admin to postgres;
grant pg_read_all_data, pg_monitor to supabase_read_only_user;
grant pg_read_all_data, pg_monitor, pg_signal_backend to postgres;
