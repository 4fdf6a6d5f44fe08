resource "supabase_edge_function_secrets" "production" {
  project_ref = supabase_settings.production.project_ref
  secrets = [
    { name = "STRIPE_KEY", value = var.smtp_pass },
    { name = "OTHER_KEY", value = "canary-other" },
    { name = "RANDOM", value = random_password.key.result },
  ]
}

resource "supabase_apikey" "each" {
  for_each    = toset(["a", "b"])
  project_ref = supabase_project.production.id
  name        = each.key
}

resource "supabase_apikey" "mobile" {
  project_ref = supabase_project.production.id
  name        = "mobile_app"
  type        = "publishable"
}

resource "supabase_settings" "conditional" {
  project_ref = "condcondcondcondcond"
  auth = jsonencode({
    site_url = var.domain == "acme.dev" ? "https://a.dev" : "https://b.dev"
  })
}

resource "supabase_settings" "merged" {
  project_ref = "condcondcondcondcond"
  auth        = jsonencode(merge(local.smtp, {}))
}

resource "supabase_settings" "looped" {
  project_ref = "condcondcondcondcond"
  auth        = jsonencode({ site_url = local.loop })
}

resource "supabase_settings" "nowhere" {
  project_ref = var.nowhere
}

resource "supabase_branch" "preview" {
  parent_project_ref = supabase_project.production.id
  git_branch         = "preview"
}

module "other" {
  source = "./other"
}

data "supabase_apikeys" "production" {
  project_ref = supabase_project.production.id
}
