//! Reading and checking large plants.

use benches::{Outcome, Phases, Shape, Stage, Table, peak_memory, stage, text_of};
use plant::{Severity, SourceFile, read};

fn main() -> Outcome {
    match stage() {
        Stage::First => {
            Table::new(&["assets", "flows", "text MiB", "diagnostics", "CPU s", "peak MiB"])?;
            for (assets, flows) in
                [("1000", "5000"), ("2000", "10000"), ("5000", "25000"), ("10000", "50000")]
            {
                Stage::here(&[assets, flows])?;
            }
            Ok(())
        }
        Stage::Further(words) => match words.as_slice() {
            [assets, flows] => measured(assets.parse()?, flows.parse()?),
            words => Err(format!("unknown stage {words:?}").into()),
        },
    }
}

fn measured(assets: usize, flows: usize) -> Outcome {
    let text =
        text_of(Shape { zones: 50, conduits: 200, assets, flows, both: true, wordy: true })?.into_bytes();
    let size = text.len() as f64 / f64::from(1 << 20);
    let files = [SourceFile { name: "plant.toml".to_owned(), text }];
    let mut phases = Phases::default();
    let reading = phases.run("read", || Ok(read(&files)))?;
    let error = reading.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
    if error.is_some() || reading.plant.is_none() {
        return Err(format!("the made-up plant has errors: {error:?}").into());
    }
    Table.row(&[
        assets.to_string(),
        flows.to_string(),
        format!("{size:.1}"),
        reading.diagnostics.len().to_string(),
        format!("{:.2}", phases.cpu_of(&["read"]).as_secs_f64()),
        format!("{:.0}", peak_memory()?),
    ])?;
    Ok(())
}
