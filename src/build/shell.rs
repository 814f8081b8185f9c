//! A component around a core module: the same for every app but for the module in it.

use super::module::{Result, Unsuitable};

/// The number of the section that holds a core module, in a component:
/// <https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md>.
const CORE_MODULE: u8 = 1;

/// The magic number and the version that a component begins with.
const HEAD: usize = 8;

/// Puts `core` in the place of the first core module of `shell`, whose imports and exports it has.
///
/// # Errors
/// Fails where there is none.
pub fn around(shell: &[u8], core: &[u8]) -> Result<Vec<u8>> {
    let none = || Unsuitable("it is no component around a core module".to_owned());
    let mut at = HEAD;
    loop {
        let id = *shell.get(at).ok_or_else(none)?;
        let (length, digits) = number(shell.get(at + 1..).unwrap_or_default()).ok_or_else(none)?;
        let end = at + 1 + digits + length;
        if id == CORE_MODULE {
            let (before, after) = (shell.get(..at).ok_or_else(none)?, shell.get(end..).ok_or_else(none)?);
            let mut component = Vec::with_capacity(shell.len() + core.len());
            component.extend_from_slice(before);
            component.push(CORE_MODULE);
            wasm_encoder::Encode::encode(&u32::try_from(core.len())?, &mut component);
            component.extend_from_slice(core);
            component.extend_from_slice(after);
            return Ok(component);
        }
        at = end;
    }
}

/// A number in LEB128, and how many bytes it takes.
fn number(bytes: &[u8]) -> Option<(usize, usize)> {
    let digits = bytes.iter().take(5).position(|byte| byte & 0x80 == 0)? + 1;
    let value = bytes.iter().take(digits).rev().fold(0_usize, |value, byte| value << 7 | usize::from(byte & 0x7f));
    Some((value, digits))
}

#[cfg(test)]
mod tests {
    use wasm_encoder::Section;
    use wit_component::ComponentEncoder;

    use super::super::ADAPTER;
    use super::super::asks::{Asks, SHELLS};
    use super::super::merge::{Interpreter, merge};
    use super::super::module::Parts;
    use super::*;

    /// The shell that `wit-component` makes of the adapter, without the core module.
    fn encoded(asks: Asks) -> Vec<u8> {
        let python = "(module (memory 1) (table 1 funcref) (global (mut i32) (i32.const 0)))";
        let wasm = wat::parse_str(python).expect("the test's module is valid");
        let interpreter = Interpreter { wasm: &wasm, memory: &[0; 65536], globals: &[] };
        let mut core = merge(&interpreter, ADAPTER, b"x", asks).expect("they can be merged");
        for (name, data) in Parts::of(ADAPTER).expect("a module").customs {
            if name.starts_with("component-type") {
                wasm_encoder::CustomSection { name: name.into(), data: data.into() }.append_to(&mut core);
            }
        }
        let mut encoder = ComponentEncoder::default().validate(true).module(&core).expect("it says what it is");
        let component = encoder.encode().expect("it is a component");
        around(&component, b"").expect("it has a core module")
    }

    /// As with the texts of help: what is kept is what is made, and PYWAGI_UPDATE_SHELL=1 keeps what is made now.
    #[test]
    fn the_shells_are_those_of_the_adapter() {
        for (asks, name, kept) in SHELLS {
            let made = encoded(asks);
            if std::env::var_os("PYWAGI_UPDATE_SHELL").is_some() {
                let path = format!("{}/assets/adapter/{name}.wasm", env!("CARGO_MANIFEST_DIR"));
                std::fs::write(path, &made).expect("written");
            } else {
                assert!(made == kept, "{name}.wasm is not that of adapter.wasm: see tools/build-adapter");
            }
        }
    }

    #[test]
    fn the_sums_are_those_of_the_files() {
        let sums = include_str!("../../assets/adapter/SHA256SUMS");
        let shells = SHELLS.into_iter().map(|(_, name, content)| (name, content));
        for (name, content) in shells.chain([("adapter", ADAPTER)]) {
            let line = format!("{}  ./{name}.wasm", crate::hash::Digest::of(content));
            assert!(sums.lines().any(|known| known == line), "{line}");
        }
    }

    #[test]
    fn the_core_module_is_replaced() {
        let shell = wat::parse_str(r#"(component (core module (memory 1)) (core module (table 1 funcref)))"#)
            .expect("the test's component is valid");
        let core = wat::parse_str("(module (memory 7) (data (i32.const 0) \"x\"))").expect("valid");
        let component = around(&shell, &core).expect("it has a core module");
        let expected =
            r#"(component (core module (memory 7) (data (i32.const 0) "x")) (core module (table 1 funcref)))"#;
        assert_eq!(component, wat::parse_str(expected).expect("valid"));
        assert!(around(b"", &core).is_err() && around(&core, &core).is_err());
        for cut in 0..shell.len() {
            let _ = around(&shell[..cut], &core);
        }
    }
}
