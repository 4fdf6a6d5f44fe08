import { answer } from "@shared/answer.ts";

Deno.serve(() => answer({ message: Deno.env.get("GREETING") ?? "Hi" }));
