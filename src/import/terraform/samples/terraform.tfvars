staging_ref  = "stagingstagingstagin"
unused_token = "canary-tfvars"
