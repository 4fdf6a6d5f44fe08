create table public.orders (
  id bigint generated always as identity primary key,
  customer uuid not null,
  placed_at timestamptz not null default now()
);
alter table public.orders enable row level security;
