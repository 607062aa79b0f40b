//! The log: records written to a real file at several distances of checkpoints, and a million records verified.

use std::time::Instant;

use benches::{Outcome, Stage, Table, cpu, peak_memory, stage};
use ledger::{Signer, verify};

/// A record of evidence is about this long.
const RECORD: usize = 120;

fn main() -> Outcome {
    match stage() {
        Stage::First => {
            Table::new(&[
                "records",
                "per checkpoint",
                "written wall s",
                "records/s",
                "verified wall s",
                "CPU s",
                "peak MiB",
            ])?;
            for (records, every) in [("500", "1"), ("50000", "100"), ("1000000", "1000")] {
                Stage::here(&[records, every])?;
            }
            Ok(())
        }
        Stage::Further(words) => match words.as_slice() {
            [records, every] => measured(records.parse()?, every.parse()?),
            words => Err(format!("unknown stage {words:?}").into()),
        },
    }
}

fn measured(records: u32, every: u32) -> Outcome {
    let folder = std::env::temp_dir().join(format!("ringwall-ledger-{}", std::process::id()));
    let result = in_folder(&folder, records, every);
    std::fs::remove_dir_all(&folder)?;
    result
}

fn in_folder(folder: &std::path::Path, records: u32, every: u32) -> Outcome {
    let signer = Signer::new("bench", &[7; 32])?;
    let key = signer.verifier().clone();
    let mut record = [b'x'; RECORD];
    let start = Instant::now();
    let (mut writer, _) = ledger_files::open(folder, signer)?;
    for number in 1..=records {
        for (to, from) in record.iter_mut().zip(number.to_be_bytes()) {
            *to = from;
        }
        writer.append(&record)?;
        if number % every == 0 {
            writer.checkpoint()?;
        }
    }
    let written = start.elapsed().as_secs_f64();
    drop(writer);

    let (start, before) = (Instant::now(), cpu()?);
    let bytes = ledger_files::records(folder)?;
    let report = verify(&bytes, Some(&key), &[])?;
    let (wall, used) = (start.elapsed().as_secs_f64(), cpu()?.saturating_sub(before).as_secs_f64());
    if !report.intact() || report.sealed != u64::from(records) {
        return Err(format!("{report:?}").into());
    }
    Table.row(&[
        records.to_string(),
        every.to_string(),
        format!("{written:.2}"),
        format!("{:.0}", f64::from(records) / written),
        format!("{wall:.2}"),
        format!("{used:.2}"),
        format!("{:.0}", peak_memory()?),
    ])?;
    Ok(())
}
