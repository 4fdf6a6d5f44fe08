//! The codes of what untrusted manifests may not do.

use super::code::codes;

codes! {
    UNTRUSTED = "E0701", "the manifests are not trusted",
        "The run is for a pull request of somebody who may not write to the repository, or was given --untrusted. Such manifests are read and compared, and nothing more: they are not applied, run no commands, read no variables and reach no file outside of the root. Merge the request, or run for a commit of the repository itself.",
        "";
    NOT_APPROVED = "E0702", "not what was approved",
        "`apply --plan FILE` makes a new plan and does only what the saved plan has, step by step. Here something else would be done: live, the manifests or the API's address have changed since. Nothing of that project was written. Plan again, have that reviewed, and apply it.",
        "";
    FORGE = "E0703", "the code host did not do what was asked",
        "GitHub, GitLab, Bitbucket, Gitea or Azure DevOps refused a request, or did not answer it: to write a comment, to set a commit's status, or to list comments. The message is the host's own. Live is not affected.",
        "";
    BAD_WORD = "E0704", "a trailer that is not understood",
        "A commit has a trailer `Supaform-Allow: CLASS:ADDRESS` whose class is unknown. The classes are destructive, lock-out, history, restart, access, billed and security. The trailer allows nothing.",
        "";
    UNDECIDED = "E0705", "it is not known whether the manifests are trusted",
        "The run is for a pull or merge request, and its CI system is unknown, or has no variable that says whether the request comes from a fork. If such runs include requests from forks, the forks' manifests would be read like those of the repository itself: with secrets, commands and variables. Give `--untrusted` there, or run only requests from within the repository.",
        "";
    MERGE_CONFLICT = "E0735", "the branch cannot be merged with its base",
        "The base has commits that the branch lacks, so that what is planned is the merge of both. They change the same place of a file that is a manifest or is named by one, and git cannot decide between them. Merge the base into the branch and resolve the conflict there. Conflicts in other files do not matter.",
        "";
    BEHIND_BASE = "E0736", "what would be applied is not merged",
        "The revision that `apply --base` names has commits that the checked-out branch lacks. To apply the branch would revert what they changed, and a merge that nobody has made is never applied. Merge the base into the branch, or apply the branch that it was merged into.",
        "";
}
