//! The codes of importing. No line that is shown with them may hold a secret of the source.

use super::code::codes;

codes! {
    UNREADABLE = "E0801", "a source that cannot be read",
        "What is imported must be readable as a whole: `config.toml` as TOML, `config.json` and a state of Terraform as JSON, and files of Terraform as HCL. The line is not shown, because it may hold a secret.",
        "";
    VARIABLE_NOT_SET = "E0802", "a variable that is not set",
        "The source takes the value of a setting from a variable of the environment, which is not set or is empty. The value is no secret and stands in the manifest, so it must be known. Set the variable, or write the value into the source.",
        "[auth]\nsite_url = \"env(SITE_URL)\"";
    NO_PROJECT = "E0803", "no project to import for",
        "The source does not say which live project it is for. Name it by its ref.",
        "";
}
