import { answer } from "../_shared/answer.ts";

Deno.serve(async (request) => {
  const { user } = await request.json();
  return user.email.endsWith("@acme.com") ? answer({}) : answer({ error: { message: "not of Acme" } }, 403);
});
