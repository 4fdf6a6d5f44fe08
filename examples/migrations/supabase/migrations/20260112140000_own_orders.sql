create policy "customers see their own orders" on public.orders
  for select using (auth.uid() = customer);
