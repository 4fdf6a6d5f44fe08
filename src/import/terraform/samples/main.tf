terraform {
  required_providers {
    supabase = {
      source  = "supabase/supabase"
      version = "~> 1.0"
    }
  }
}

provider "supabase" {
  access_token = file("${path.module}/access-token")
}

variable "domain" {
  type    = string
  default = "acme.dev"
}

variable "smtp_pass" {
  type      = string
  sensitive = true
}

variable "rate" {
  type = number
}

variable "staging_ref" {}

variable "nowhere" {}

locals {
  # The same for all.
  redirects = ["https://${var.domain}/**", "acme://login"]
  smtp = {
    host = "smtp.${var.domain}"
    port = 587
  }
  loop = local.pool
  pool = local.loop
}

resource "supabase_project" "production" {
  organization_id   = "acme-inc"
  name              = "Acme Production"
  database_password = random_password.database.result
  region            = "eu-central-1"

  lifecycle {
    ignore_changes = [database_password]
  }
}

resource "supabase_settings" "production" {
  project_ref = supabase_project.production.id

  api = jsonencode({
    db_schema            = "public,storage,graphql_public"
    db_extra_search_path = "public,extensions"
    max_rows             = 1000
  })

  auth = jsonencode({
    site_url                        = "https://${var.domain}"
    smtp_host                       = local.smtp.host
    smtp_port                       = "587"
    smtp_user                       = "acme"
    smtp_pass                       = var.smtp_pass
    smtp_admin_email                = "hello@acme.dev"
    external_github_enabled         = true
    external_github_client_id       = "Iv1.acme"
    external_github_secret          = "canary-github"
    external_zoom_secret            = data.vault.zoom.value
    rate_limit_otp                  = var.rate
    mailer_otp_exp                  = 900
    mailer_templates_invite_content = file("${path.module}/mails/invite.html")
    mailer_templates_recovery_content = <<-EOT
      <h2>Reset</h2>
      <p>For {{ .Email }}</p>
    EOT
  })

  network = jsonencode({
    restrictions = ["203.0.113.0/24"]
  })
}

import {
  to = supabase_settings.shop
  id = "shopshopshopshopshop"
}

resource "supabase_settings" "shop" {
  project_ref     = "shopshopshopshopshop"
  ssl_enforcement = true
  storage         = <<JSON
    {"fileSizeLimit": 1048576}
  JSON
}

resource "supabase_settings" "staging" {
  project_ref = var.staging_ref
  auth        = jsonencode({ jwt_exp = 7200, disable_signup = true })
}
