//! Builders of rows: `int("jwt_exp", 0, 604_800).unit(Seconds).doc("…")`. A contradictory row does not compile.

use super::{Along, Digest, Field, Form, ListAs, Literal, Needs, Risk, TextRule, Type, Unit, Wire};

const fn field(name: &'static str, ty: Type) -> Field {
    Field {
        name,
        ty,
        doc: "",
        example: None,
        default: None,
        cleared_as: &[],
        needs: &[],
        unit: None,
        secret: None,
        wire: Wire::Plain,
        risks: &[],
        harmless: None,
        judged: false,
        takes_along: &[],
        aliases: &[],
        variables: &[],
        entitlement: None,
        api_name: None,
        atomic: false,
        identity: false,
        local: false,
        fixed: false,
        together: false,
        stricter_than_spec: None,
        deprecated: None,
        prose: false,
        reached: None,
        canonical: None,
    }
}

/// A switch.
#[must_use]
pub const fn flag(name: &'static str) -> Field {
    field(name, Type::Bool)
}

/// A whole number within bounds.
#[must_use]
pub const fn int(name: &'static str, min: i64, max: i64) -> Field {
    assert!(min < max, "the bounds are empty");
    field(name, Type::Int { min, max })
}

/// A number within bounds.
#[must_use]
pub const fn number(name: &'static str, min: f64, max: f64) -> Field {
    field(name, Type::Number { min, max })
}

/// A short text.
#[must_use]
pub const fn text(name: &'static str) -> Field {
    field(name, Type::Text(TextRule { form: None, max_chars: None, long: false }))
}

/// A text of many lines, such as a mail template.
#[must_use]
pub const fn long_text(name: &'static str) -> Field {
    field(name, Type::Text(TextRule { form: None, max_chars: None, long: true }))
}

/// One of a few values.
#[must_use]
pub const fn choice(name: &'static str, words: &'static [&'static str]) -> Field {
    assert!(!words.is_empty(), "a choice of nothing");
    field(name, Type::Choice(words))
}

/// A list.
#[must_use]
pub const fn list(name: &'static str, of: &'static Type, compared: ListAs) -> Field {
    field(name, Type::List(of, compared))
}

/// Values by free names.
#[must_use]
pub const fn map(name: &'static str, of: &'static Type) -> Field {
    field(name, Type::Map(of))
}

/// Fields within a field.
#[must_use]
pub const fn object(name: &'static str, fields: &'static [Field]) -> Field {
    field(name, Type::Object(fields))
}

/// Anything that JSON can hold.
#[must_use]
pub const fn any(name: &'static str) -> Field {
    field(name, Type::Any)
}

impl Field {
    /// Describes the field: a sentence.
    #[must_use]
    pub const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    /// A value as YAML, for documentation.
    #[must_use]
    pub const fn example(mut self, yaml: &'static str) -> Self {
        self.example = Some(yaml);
        self
    }

    /// The platform's default on an untouched project.
    #[must_use]
    pub const fn default(mut self, lit: Literal) -> Self {
        assert!(self.secret.is_none(), "a secret has no default");
        self.default = Some(lit);
        self
    }

    /// `null` is allowed and resets the field to the platform's default: the first of the values that live then shows.
    #[must_use]
    pub const fn resets_to(self, shown: &'static [Literal]) -> Self {
        assert!(!shown.is_empty(), "a field that was reset shows something");
        self.default(shown[0]).cleared_as(shown)
    }

    /// `null` is allowed and clears the field; live then shows one of these values.
    #[must_use]
    pub const fn cleared_as(mut self, shown: &'static [Literal]) -> Self {
        assert!(!shown.is_empty(), "a cleared field shows something");
        self.cleared_as = shown;
        self
    }

    /// Fields that must be set together with this one or be live already.
    #[must_use]
    pub const fn needs(mut self, needs: &'static [Needs]) -> Self {
        self.needs = needs;
        self
    }

    /// The unit of the number.
    #[must_use]
    pub const fn unit(mut self, unit: Unit) -> Self {
        assert!(matches!(self.ty, Type::Int { .. } | Type::Number { .. }), "only numbers have units");
        self.unit = Some(unit);
        self
    }

    /// The field holds a secret, which the API shows in this form.
    #[must_use]
    pub const fn secret(mut self, shown: Digest) -> Self {
        assert!(self.default.is_none(), "a secret has no default");
        self.secret = Some(shown);
        self
    }

    /// How the API carries the value.
    #[must_use]
    pub const fn wire(mut self, wire: Wire) -> Self {
        self.wire = wire;
        self
    }

    /// The risks of changing it.
    #[must_use]
    pub const fn risks(mut self, risks: &'static [Risk]) -> Self {
        assert!(self.harmless.is_none(), "what has risks is not harmless");
        self.risks = risks;
        self
    }

    /// Why changing it has no risk that a person must know of.
    #[must_use]
    pub const fn harmless(mut self, why: &'static str) -> Self {
        assert!(self.risks.is_empty() && !self.judged, "what has risks is not harmless");
        self.harmless = Some(why);
        self
    }

    /// Its kind finds the risks of changing it.
    #[must_use]
    pub const fn judged(mut self) -> Self {
        assert!(self.harmless.is_none(), "what is judged is not harmless");
        self.judged = true;
        self
    }

    /// Fields that the API changes along with it.
    #[must_use]
    pub const fn takes_along(mut self, along: &'static [Along]) -> Self {
        self.takes_along = along;
        self
    }

    /// Keywords for values that are hard to write.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [(&'static str, &'static str)]) -> Self {
        assert!(matches!(self.ty, Type::Choice(_)), "only choices have words");
        self.aliases = aliases;
        self
    }

    /// The form of its text.
    #[must_use]
    pub const fn form(mut self, form: &'static Form) -> Self {
        let Type::Text(ref mut rule) = self.ty else { panic!("only texts have a form") };
        rule.form = Some(form);
        self
    }

    /// The greatest number of characters.
    #[must_use]
    pub const fn max_chars(mut self, most: usize) -> Self {
        let Type::Text(ref mut rule) = self.ty else { panic!("only texts have a length") };
        rule.max_chars = Some(most);
        self
    }

    /// The field is a template with these variables.
    #[must_use]
    pub const fn variables(mut self, names: &'static [&'static str]) -> Self {
        assert!(matches!(self.ty, Type::Text(_)), "only texts are templates");
        self.variables = names;
        self
    }

    /// The entitlement of the organization's plan that the field needs.
    #[must_use]
    pub const fn entitlement(mut self, key: &'static str) -> Self {
        self.entitlement = Some(key);
        self
    }

    /// The API field behind a name that is ours.
    #[must_use]
    pub const fn api_name(mut self, api: &'static str) -> Self {
        self.api_name = Some(api);
        self
    }

    /// The object is replaced as a whole.
    #[must_use]
    pub const fn atomic(mut self) -> Self {
        self.atomic = true;
        self
    }

    /// People read the text as prose.
    #[must_use]
    pub const fn prose(mut self) -> Self {
        self.prose = true;
        self
    }

    /// The field only identifies the live item.
    #[must_use]
    pub const fn identity(mut self) -> Self {
        self.identity = true;
        self
    }

    /// The field says which files of the workspace are meant.
    #[must_use]
    pub const fn local(mut self) -> Self {
        self.local = true;
        self
    }

    /// The value is set when an item is created, and no request changes it.
    #[must_use]
    pub const fn fixed(mut self) -> Self {
        self.fixed = true;
        self
    }

    /// The API accepts all members of the object or none.
    #[must_use]
    pub const fn together(mut self) -> Self {
        assert!(matches!(self.ty, Type::Object(_)), "only an object has members");
        self.together = true;
        self
    }

    /// A live value that is further along is as good as the wanted one.
    #[must_use]
    pub const fn reached(mut self, reached: fn(&serde_json::Value, &serde_json::Value) -> bool) -> Self {
        self.reached = Some(reached);
        self
    }

    /// Brings a value into the form in which it is compared.
    #[must_use]
    pub const fn canonical(mut self, canonical: fn(serde_json::Value) -> serde_json::Value) -> Self {
        self.canonical = Some(canonical);
        self
    }

    /// Why the row allows less than the specification.
    #[must_use]
    pub const fn stricter_than_spec(mut self, why: &'static str) -> Self {
        self.stricter_than_spec = Some(why);
        self
    }

    /// Why it should no longer be used.
    #[must_use]
    pub const fn deprecated(mut self, why: &'static str) -> Self {
        self.deprecated = Some(why);
        self
    }
}
