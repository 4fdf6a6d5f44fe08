//! A value of Terraform, as far as it is known without Terraform.

use indexmap::IndexMap;
use serde_json::{Number, Value};

/// The advice for what cannot be read without Terraform.
pub(super) const FROM_STATE: &str = "import it from the state, with `terraform show -json`";

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Self>),
    Map(IndexMap<String, Self>),
    /// The value of a variable without a default.
    Variable(String),
    /// The ref of the project of this address.
    Project(String),
    /// What only Terraform knows: the reason, a clause.
    Unknown(String),
}

impl From<Value> for Given {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(on) => Self::Bool(on),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(members) => Self::Map(members.into_iter().map(|(key, value)| (key, value.into())).collect()),
        }
    }
}

impl Given {
    /// The value, where all of it is known.
    ///
    /// # Errors
    /// Why it is not: a clause.
    pub(super) fn known(&self) -> Result<Value, String> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Bool(on) => (*on).into(),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => text.as_str().into(),
            Self::List(items) => items.iter().map(Self::known).collect::<Result<Vec<_>, _>>()?.into(),
            Self::Map(members) => Value::Object(
                members.iter().map(|(key, value)| Ok((key.clone(), value.known()?))).collect::<Result<_, String>>()?,
            ),
            Self::Variable(name) => return Err(format!("the variable `{name}` has no default")),
            Self::Project(address) => return Err(format!("only Terraform knows the ref of `{address}`")),
            Self::Unknown(why) => return Err(why.clone()),
        })
    }

    /// The text, where it is one.
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn map(&self) -> Option<&IndexMap<String, Self>> {
        if let Self::Map(members) = self { Some(members) } else { None }
    }

    /// The members of an object that may be a text of JSON, as the provider has its settings.
    ///
    /// # Errors
    /// Why there are none: a clause.
    pub(super) fn body(&self) -> Result<IndexMap<String, Self>, String> {
        match self {
            Self::Map(members) => Ok(members.clone()),
            Self::Text(text) => match crate::json::read(text.as_bytes()).map(Self::from) {
                Ok(Self::Map(members)) => Ok(members),
                Ok(_) | Err(_) => Err("it is no object in JSON".to_owned()),
            },
            Self::Null
            | Self::Bool(_)
            | Self::Number(_)
            | Self::List(_)
            | Self::Variable(_)
            | Self::Project(_)
            | Self::Unknown(_) => Err(self.known().err().unwrap_or_else(|| "it is no object in JSON".to_owned())),
        }
    }
}

/// A resource.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    /// Its address: `module.eu.supabase_settings.main["a"]`.
    pub(super) address: String,
    /// Its type: `supabase_settings`.
    pub(super) kind: String,
    /// Its name: `main`.
    pub(super) name: String,
    /// Its place, for people: `main.tf:12`.
    pub(super) place: String,
    /// Its attributes.
    pub(super) given: IndexMap<String, Given>,
}

impl Resource {
    pub(super) fn get(&self, name: &str) -> &Given {
        self.given.get(name).unwrap_or(&Given::Null)
    }

    /// It, or a part of it, for people: `supabase_settings.main/auth.site_url (main.tf:12)`.
    pub(super) fn at(&self, what: &str) -> String {
        let slash = if what.is_empty() { "" } else { "/" };
        format!("{}{slash}{what} ({})", self.address, self.place)
    }
}
