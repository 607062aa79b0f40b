//! What a crash can leave of the files around the records, and a program that is killed while it writes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test may stop at the first surprise"
)]

use std::fs;
use std::path::Path;

use ledger::{Checkpoint, Signer, Verifier, records, verify};

fn signer() -> Signer {
    Signer::new("lab", &[7; 32]).unwrap()
}

/// Opens, writes a record, and holds everything against each other as an assessor would.
fn goes_on(path: &Path, case: &str) {
    let (mut writer, _) =
        ledger_files::open(path, signer()).unwrap_or_else(|error| panic!("{case}: {error}"));
    let number = writer.append(b"next").unwrap();
    writer.checkpoint().unwrap();
    drop(writer);
    let bytes = ledger_files::records(path).unwrap();
    let key = ledger_files::note(&path.join(ledger_files::KEY)).unwrap();
    let key = Verifier::parse(std::str::from_utf8(&key).unwrap()).unwrap();
    assert_eq!(&key, signer().verifier(), "{case}");
    let kept = Checkpoint::verified(&ledger_files::note(&path.join("checkpoint")).unwrap(), &key).unwrap();
    let report = verify(&bytes, Some(&key), &[kept]).unwrap();
    assert!(report.intact() && report.sealed == number + 1, "{case}: {report:?}");
    assert_eq!(records(&bytes).last().unwrap().content, b"next", "{case}");
}

/// A whole log, to take parts from.
fn whole(path: &Path) {
    let (mut writer, _) = ledger_files::open(path, signer()).unwrap();
    writer.append(b"first").unwrap();
    writer.checkpoint().unwrap();
}

#[test]
fn whatever_a_crash_leaves_of_the_folder_the_log_goes_on() {
    // Which files there are after a crash between two steps of beginning a log, and what of each: none, a part, all.
    let parts = [("lock", "123"), ("fresh", "torn"), (".key.123", "torn")];
    for case in 0..1 << 6 {
        let folder = tempfile::tempdir().unwrap();
        let (path, source) = (folder.path().join("log"), folder.path().join("source"));
        whole(&source);
        fs::create_dir(&path).unwrap();
        let has = |bit: u32| case >> bit & 1 == 1;
        for (bit, (name, text)) in (0..).zip(parts) {
            if has(bit) {
                fs::write(path.join(name), text).unwrap();
            }
        }
        // The records come first, then the checkpoint, then the key, which may be torn where an old program wrote it.
        if has(3) {
            fs::copy(source.join("records"), path.join("records")).unwrap();
            if has(4) {
                fs::copy(source.join("checkpoint"), path.join("checkpoint")).unwrap();
                if has(5) {
                    let key = fs::read(source.join("key")).unwrap();
                    fs::write(path.join("key"), &key[..key.len() / 2]).unwrap();
                }
            }
        }
        goes_on(&path, &format!("{case:#b}"));
        goes_on(&path, &format!("{case:#b}, and once more"));
    }
}

#[test]
fn a_second_writer_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (mut first, _) = ledger_files::open(folder.path(), signer()).unwrap();
    let error = ledger_files::open(folder.path(), signer()).unwrap_err();
    assert_eq!(ledger_files::is_locked(&error), Some(std::process::id().to_string()));
    first.append(b"first").unwrap();
    first.checkpoint().unwrap();
    drop(first);
    goes_on(folder.path(), "after the first one ended");
    // Reading needs no lock.
    let (_writer, _) = ledger_files::open(folder.path(), signer()).unwrap();
    assert_eq!(records(&ledger_files::records(folder.path()).unwrap()).count(), 2);
}

#[cfg(target_os = "linux")]
mod on_linux {
    use std::process::{Command, Stdio};

    use super::*;

    const TEST: &str = "on_linux::a_program_killed_while_it_writes_leaves_a_log_that_goes_on";
    const FOLDER: &str = "LEDGER_FILES_TEST_FOLDER";

    /// The lock of a process that was killed is nobody's: no log waits for somebody who does not come back.
    #[test]
    fn a_program_killed_while_it_writes_leaves_a_log_that_goes_on() {
        if let Some(folder) = std::env::var_os(FOLDER) {
            let (mut writer, _) = ledger_files::open(Path::new(&folder), signer()).unwrap();
            loop {
                writer.append(&[b'x'; 500]).unwrap();
                writer.checkpoint().unwrap();
            }
        }
        for round in 0..8 {
            let folder = tempfile::tempdir().unwrap();
            let log = folder.path().join("log");
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", TEST, "--nocapture"])
                .env(FOLDER, &log)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // At another place each round: when so many bytes are there.
            let enough = 1_000 * (1 + round * 3);
            while fs::metadata(log.join("records")).map_or(0, |records| records.len()) < enough {
                assert!(child.try_wait().unwrap().is_none(), "the writer ended by itself");
                std::thread::yield_now();
            }
            child.kill().unwrap();
            child.wait().unwrap();
            goes_on(&log, &format!("killed after {enough} bytes"));
        }
    }

    const FULL: &str = "on_linux::a_full_disk_leaves_a_log_that_verifies_and_goes_on_once_there_is_room";

    #[test]
    fn a_full_disk_leaves_a_log_that_verifies_and_goes_on_once_there_is_room() {
        use nix::mount::{MsFlags, mount};

        if std::env::var_os(FULL).is_none() {
            let code =
                linux::Sandbox::this_program(["--exact", FULL, "--nocapture"]).env(FULL, "1").run().unwrap();
            assert_eq!(code, 0);
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let options = Some("size=128k");
        mount(Some("tmpfs"), folder.path(), Some("tmpfs"), MsFlags::empty(), options).unwrap();
        let (log, ballast) = (folder.path().join("log"), folder.path().join("ballast"));
        let (mut writer, _) = ledger_files::open(&log, signer()).unwrap();
        let mut confirmed = 0;
        for number in 0.. {
            assert!(number < 1000, "the disk never got full");
            if writer.append(&[b'x'; 700]).and_then(|_| writer.checkpoint()).is_err() {
                break;
            }
            confirmed = number + 1;
        }
        assert!(confirmed > 10);
        assert!(
            writer.append(b"later").and_then(|_| writer.checkpoint()).is_err(),
            "it says that it stopped"
        );
        drop(writer);
        let check = || {
            let bytes = ledger_files::records(&log).unwrap();
            let report = verify(&bytes, Some(signer().verifier()), &[]).unwrap();
            assert!(report.sealed >= confirmed, "{report:?}");
            let crash = |what| matches!(what, ledger::What::Torn | ledger::What::Unsealed);
            assert!(report.findings.iter().all(|finding| crash(finding.what)), "{report:?}");
        };
        check();
        // Opened while the disk is still full it fails or cuts what was torn, and takes nothing that was confirmed.
        drop(ledger_files::open(&log, signer()));
        check();
        // A key that does not fit is no half key.
        fs::write(&ballast, vec![0; 128 * 1024]).unwrap_err();
        assert!(ledger_files::create_key(&folder.path().join("lab.key"), "lab").is_err());
        assert!(!folder.path().join("lab.key").exists());
        fs::remove_file(&ballast).unwrap();
        mount(Some("tmpfs"), folder.path(), Some("tmpfs"), MsFlags::MS_REMOUNT, Some("size=256k")).unwrap();
        goes_on(&log, "with room again");
        ledger_files::create_key(&folder.path().join("lab.key"), "lab").unwrap();
    }
}
