//! The codes of what untrusted manifests may not do.

use super::codes;

codes! {
    UNTRUSTED = "E0701", "the manifests are not trusted",
        "The run is for a pull request of somebody who may not write to the repository, or was given --untrusted. Such manifests are read and compared, and nothing more: they are not applied, run no commands, read no variables and reach no file outside of the root. Merge the request, or run for a commit of the repository itself.",
        "";
}
