//! The `supaform` binary.

fn main() {}
