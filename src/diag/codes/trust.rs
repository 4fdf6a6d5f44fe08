//! The codes of what untrusted manifests may not do.

use super::code::codes;

codes! {
    UNTRUSTED = "E0701", "the manifests are not trusted",
        "The run is for a pull request of somebody who may not write to the repository, or was given --untrusted. Such manifests are read and compared, and nothing more: they are not applied, run no commands, read no variables and reach no file outside of the root. Merge the request, or run for a commit of the repository itself.",
        "";
    NOT_APPROVED = "E0702", "not what was approved",
        "`apply --plan FILE` plans anew and does only what the saved plan has, step by step. Here something else would be done: live, the manifests or the API's address have changed since. Nothing of that project was written. Plan again, have that reviewed, and apply it.",
        "";
    FORGE = "E0703", "the code host did not do what was asked",
        "A comment, a mark on a commit or a list of comments was asked of GitHub, GitLab, Bitbucket or Gitea, and it refused or did not answer. The message is the host's own. What stands on live has nothing to do with it.",
        "";
    BAD_WORD = "E0704", "a word that is not understood",
        "A commit has a trailer `Supaform-Allow: CLASS:ADDRESS` whose class is none: destructive, lock-out, restart, access, billed, security. What it was meant to allow is not allowed.",
        "";
    UNDECIDED = "E0705", "it was not decided whether the manifests are trusted",
        "The run is for a pull or merge request, and its CI system has no variable that tells whether the request comes from a fork, or is not known. Where the requests of forks run, they would be read like those of the repository itself: with secrets, commands and variables. Give `--untrusted` there, or let only requests from within the repository run.",
        "";
    MERGE_CONFLICT = "E0735", "the branch cannot be merged with its base",
        "The base has commits that the branch lacks, so that what is planned is the merge of both. They change the same place of a file that is a manifest or is named by one, and git cannot tell which of the two is meant. Merge the base into the branch and settle it there. Conflicts in other files do not matter.",
        "";
    BEHIND_BASE = "E0736", "what would be applied is not merged",
        "The revision that `apply --base` names has commits that the checked-out branch lacks. To apply the branch would take back what they changed, and a merge that nobody has made is never applied. Merge the base into the branch, or apply the branch that it was merged into.",
        "";
}
