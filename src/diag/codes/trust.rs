//! The codes of what untrusted manifests may not do.

use super::codes;

codes! {
    UNTRUSTED = "E0701", "the manifests are not trusted",
        "The run is for a pull request of somebody who may not write to the repository, or was given --untrusted. Such manifests are read and compared, and nothing more: they are not applied, run no commands, read no variables and reach no file outside of the root. Merge the request, or run for a commit of the repository itself.",
        "";
    NOT_APPROVED = "E0702", "not what was approved",
        "`apply --plan FILE` plans anew and does only what the saved plan has, step by step. Here something else would be done: live, the manifests or the API's address have changed since. Nothing of that project was written. Plan again, have that reviewed, and apply it.",
        "";
}
