//! Settings that make one of ours together, and tables of names that people choose.

use std::sync::Arc;

use serde_json::json;

use super::reader::{Reader, Switch};
use super::rows::{ISSUERS, REPLACED};
use super::values::{escaped, plain};
use crate::files::beside;
use crate::import::leaves::Leaf;
use crate::kinds::aliases::{self, How, Meant};
use crate::yaml::Node;

impl<'a> Reader<'_, '_, 'a> {
    pub(super) fn groups(&mut self) {
        self.data_api();
        self.ssl();
        self.webhooks();
        self.networks();
        self.mails();
        self.mail_limit();
        self.hook_secrets();
        self.test_numbers();
        self.replaced();
        self.issuers();
        self.function_secrets();
        self.functions();
    }

    /// A Data API that is off exposes nothing, whatever else is written.
    fn data_api(&mut self) {
        let Some(api) = self.get("api") else { return };
        let Some(enabled) = api.get("enabled") else { return };
        let path = ["api", "enabled"];
        self.take(&path);
        let schemas = api.get("schemas").and_then(Node::as_list);
        match self.switch(api) {
            Switch::Off => {
                self.put("data_api", "enabled", false.into(), &path, enabled.span);
                for name in ["schemas", "extra_search_path", "max_rows"] {
                    self.take(&["api", name]);
                }
            }
            Switch::On if schemas.is_some_and(<[Node]>::is_empty) => {
                self.put("data_api", "enabled", false.into(), &["api", "schemas"], enabled.span);
                self.take(&["api", "schemas"]);
            }
            // Schemas that are written switch it on by themselves.
            Switch::On if schemas.is_none() => self.put("data_api", "enabled", true.into(), &path, enabled.span),
            Switch::On | Switch::Unwritten => {}
        }
    }

    fn ssl(&mut self) {
        let path = ["db", "ssl_enforcement"];
        let Some(table) = self.get("db.ssl_enforcement") else { return };
        self.take(&path);
        match self.switch(table) {
            Switch::Unwritten => self.leave(&path, table.span, "`enabled` is not written"),
            switch @ (Switch::On | Switch::Off) => {
                let on = switch == Switch::On;
                self.put("ssl_enforcement", "database", on.into(), &[path[0], path[1], "enabled"], table.span);
            }
        }
    }

    /// They are switched on and never off.
    fn webhooks(&mut self) {
        let path = ["experimental", "webhooks"];
        let Some(table) = self.get("experimental.webhooks") else { return };
        self.take(&path);
        if self.switch(table) == Switch::On {
            self.put("database_webhooks", "enabled", true.into(), &[path[0], path[1], "enabled"], table.span);
        } else {
            self.leave(&path, table.span, "`config push` sends nothing unless `enabled` is true");
        }
    }

    /// The two lists are written together; what is not written is open.
    fn networks(&mut self) {
        let path = ["db", "network_restrictions"];
        let Some(table) = self.get("db.network_restrictions") else { return };
        self.take(&path);
        if self.switch(table) != Switch::On {
            return self.leave(&path, table.span, "`config push` leaves the networks alone unless `enabled` is true");
        }
        let mut lists = vec![];
        for (name, everybody) in [("allowed_cidrs", "0.0.0.0/0"), ("allowed_cidrs_v6", "::/0")] {
            let Some(node) = table.get(name) else {
                lists.push(vec![everybody.to_owned()]);
                continue;
            };
            let Some(node) = self.resolved(node) else { return };
            let items = node.as_list().map(|items| items.iter().map(plain).collect::<Option<Vec<_>>>());
            let Some(Some(items)) = items else {
                return self.leave(&[path[0], path[1], name], node.span, "it is no list of networks");
            };
            lists.push(items);
        }
        let kind = "network_restrictions";
        if lists == [["0.0.0.0/0"], ["::/0"]] {
            self.put(kind, "mode", "open".into(), &path, table.span);
        } else if lists.iter().all(Vec::is_empty) {
            self.put(kind, "mode", "closed".into(), &path, table.span);
        } else {
            for (name, list) in ["ipv4", "ipv6"].into_iter().zip(lists) {
                self.put(kind, name, list.into(), &path, table.span);
            }
        }
    }

    /// The texts of mails, which are in files.
    fn mails(&mut self) {
        let Some(info) = self.info("auth") else { return };
        for group in ["template", "notification"] {
            let mails = self.get(&format!("auth.email.{group}")).and_then(Node::as_map).unwrap_or_default();
            for mail in mails {
                let Some(node) = mail.value.get("content_path") else { continue };
                let path = ["auth", "email", group, mail.key.name.as_str(), "content_path"];
                let Some(Meant::Field(field, _)) = aliases::field(info, &path[1..].join(".")) else { continue };
                self.take(&path);
                if group == "notification" && self.switch(&mail.value) != Switch::On {
                    self.leave(&path, node.span, "`config push` sends the text of a notification that is on");
                    continue;
                }
                let Some(resolved) = self.resolved(node) else { continue };
                let written = resolved.as_text().unwrap_or_default();
                if written.is_empty() {
                    continue;
                }
                match self.read(group == "template", written) {
                    Ok(text) => {
                        let leaf = Leaf::of_file(self.scope, &field, &text, self.at(&path, node.span));
                        self.leaves.insert((info.name, field), leaf);
                    }
                    Err(why) => self.leave(&path, node.span, why),
                }
            }
        }
    }

    /// The text of a mail. Templates are named from the project's folder, notifications from that of the file.
    fn read(&self, from_project: bool, written: &str) -> Result<Arc<str>, String> {
        let options = self.shared.options;
        let mut places = [beside("config.toml", written), beside(options.path, written)];
        if !from_project {
            places.reverse();
        }
        let mut why = String::new();
        for place in places {
            match place.and_then(|path| options.texts.read(&path)) {
                Ok(text) => return Ok(text),
                Err(refused) => why = if why.is_empty() { format!("the file is not read: {refused}") } else { why },
            }
        }
        Err(why)
    }

    /// Without a relay of one's own, the number of mails is the platform's.
    fn mail_limit(&mut self) {
        let path = ["auth", "rate_limit", "email_sent"];
        let Some(node) = self.get(&path.join(".")) else { return };
        let relay = self.get("auth.email.smtp");
        if relay.is_none_or(|relay| self.switch(relay) != Switch::On) {
            self.take(&path);
            self.leave(&path, node.span, "it counts with a mail relay alone (`auth.email.smtp`)");
        }
    }

    /// Calls of a function of the database are not signed.
    fn hook_secrets(&mut self) {
        for hook in self.get("auth.hook").and_then(Node::as_map).unwrap_or_default() {
            let uri = hook.value.get("uri").and_then(Node::as_text).unwrap_or_default();
            if uri.starts_with("pg-functions://")
                && let Some(secrets) = hook.value.get("secrets")
            {
                let path = ["auth", "hook", hook.key.name.as_str(), "secrets"];
                self.take(&path);
                if secrets.as_text() != Some("") {
                    self.leave(&path, secrets.span, "calls of a function of the database are not signed");
                }
            }
        }
    }

    /// Phone numbers for tests, which people choose.
    fn test_numbers(&mut self) {
        let path = ["auth", "sms", "test_otp"];
        let (Some(node), Some(info)) = (self.get(&path.join(".")), self.info("auth")) else { return };
        self.take(&path);
        if let Some(field) = info.find("sms_test_otp") {
            self.field(info, &field, &path, node, How::Same);
        }
    }

    /// Providers by old protocols, which are no longer sent.
    fn replaced(&mut self) {
        for (old, new) in REPLACED {
            if let Some(table) = self.get(&format!("auth.external.{old}")) {
                let path = ["auth", "external", old];
                self.take(&path);
                self.leave(&path, table.span, format!("it was replaced by `{new}`"));
            }
        }
    }

    /// Issuers of tokens that are trusted beside the project itself.
    fn issuers(&mut self) {
        for entry in self.get("auth.third_party").and_then(Node::as_map).unwrap_or_default() {
            let name = entry.key.name.as_str();
            let path = ["auth", "third_party", name];
            if !ISSUERS.contains(&name) {
                continue;
            }
            self.take(&path);
            if self.switch(&entry.value) != Switch::On {
                continue;
            }
            match self.address(name, &entry.value) {
                Ok(url) => {
                    let value = json!({"oidc_issuer_url": escaped(&url)});
                    self.put("third_party_auth", name, value, &path, entry.value.span);
                }
                Err(Some(missing)) => self.leave(&path, entry.value.span, format!("`{missing}` is not written")),
                Err(None) => {}
            }
        }
    }

    /// The address of an issuer; the name of a setting that is missing, or nothing after a finding.
    fn address(&mut self, issuer: &str, table: &'a Node) -> Result<String, Option<String>> {
        let text = |reader: &mut Self, name: &str| match table.get(name) {
            Some(node) => reader.resolved(node).ok_or(None).map(|node| plain(&node).unwrap_or_default()),
            None => Ok(String::new()),
        };
        let needed = |reader: &mut Self, name: &str| match text(reader, name)? {
            text if text.is_empty() => Err(Some(name.to_owned())),
            text => Ok(text),
        };
        Ok(match issuer {
            "firebase" => format!("https://securetoken.google.com/{}", needed(self, "project_id")?),
            "auth0" => {
                let (tenant, region) = (needed(self, "tenant")?, text(self, "tenant_region")?);
                let host = if region.is_empty() { tenant } else { format!("{tenant}.{region}") };
                format!("https://{host}.auth0.com")
            }
            "aws_cognito" => {
                let (region, pool) = (needed(self, "user_pool_region")?, needed(self, "user_pool_id")?);
                format!("https://cognito-idp.{region}.amazonaws.com/{pool}")
            }
            "clerk" => format!("https://{}", needed(self, "domain")?),
            _ => needed(self, "issuer_url")?,
        })
    }

    /// The secrets of functions, by names that people choose.
    fn function_secrets(&mut self) {
        for entry in self.get("edge_runtime.secrets").and_then(Node::as_map).unwrap_or_default() {
            let name = entry.key.name.as_str();
            let path = ["edge_runtime", "secrets", name];
            self.take(&path);
            if let Some(value) = self.secret(name, &path, &entry.value) {
                self.put("secrets", name, value, &path, entry.value.span);
            }
        }
    }
}
