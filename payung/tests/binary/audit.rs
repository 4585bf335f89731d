//! The black-box audit of the real binary, which the test build has made: no second build, nothing of the house linked.

use std::process::Command;

#[test]
fn the_real_binary_passes_its_audit() {
    let output = Command::new(env!("CARGO_BIN_EXE_payung"))
        .args(["audit-dp", "--trials", "4", "--cities", "12"])
        .env_remove("PAYUNG_PASSPHRASE")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    println!("{text}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0));
    assert!(!text.contains("FAIL"));
    for word in [
        "residual",
        "distinguish",
        "equality",
        "leaks",
        "delivery",
        "seed",
        "accounting",
    ] {
        assert!(text.contains(&format!("pass | {word}")), "{word}");
    }
}
