//! What holds for the command line as a whole: help, usage errors, completions.

use crate::support::Project;

/// The completion scripts in the repository, and the name of the shell each is for.
const COMPLETIONS: [(&str, &str); 5] = [
    ("bash", "pywagi.bash"),
    ("zsh", "_pywagi"),
    ("fish", "pywagi.fish"),
    ("powershell", "_pywagi.ps1"),
    ("elvish", "pywagi.elv"),
];

#[test]
fn completions_in_the_repository_are_the_ones_the_binary_prints() {
    for (shell, file) in COMPLETIONS {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(file);
        let kept = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("cannot read completions/{file}: {e}"));
        let printed = Project::empty().pywagi(["completions", shell]).output();
        printed.code(0).stderr("");
        assert!(
            kept.replace("\r\n", "\n").as_bytes() == printed.stdout,
            "completions/{file} is stale; run: cargo run -- completions {shell} > completions/{file}"
        );
    }
}
