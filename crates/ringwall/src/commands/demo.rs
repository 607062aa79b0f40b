//! `demo`: the whole way on an example plant, and then two things somebody might do by hand.

use std::collections::BTreeSet;

use jiff::Timestamp;
use lab::{LabOptions, LabReport, Probe, Twin};
use packets::Found;
use plant::{Plant, Severity, SourceFile};
use policy::{Policy, Side};
use serde::Serialize;
use words::{Language, grouped};

use super::lab::Tried;
use crate::arguments::Demo;
use crate::believed::Believed;
use crate::document::{LabDocument, PacketDocument, ProofDocument};
use crate::exit::{Exit, Failure};
use crate::journal::Journal;
use crate::output::Output;
use crate::page::{self, Parts};
use crate::proof::{self, Lateness, Proof, Verdict};
use crate::{files, kernel, show};

/// The example line, carried by the program.
const PLANT: &str = include_str!("../../../../examples/line3/plant.toml");
const DECISIONS: &str = include_str!("../../../../examples/line3/decisions.toml");

/// The port of the rule made by hand: the one PLCs are programmed through.
const PORT: u16 = 102;

/// Runs the command.
pub fn run(arguments: &Demo, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    if let Some(exit) = kernel::sandboxed()? {
        return Ok(exit);
    }
    let sources = match &arguments.plant {
        Some(path) => files::sources(path, language)?,
        None => vec![
            SourceFile { name: "plant.toml".to_owned(), text: PLANT.into() },
            SourceFile { name: "decisions.toml".to_owned(), text: DECISIONS.into() },
        ],
    };
    let mut journal = Journal::open(&arguments.log, None, output)?;
    let plant = check(&sources, output)?;
    let now = Timestamp::now();
    let policy = compile(&plant, now, output)?;
    let Tried { report, held } = try_cases(&plant, now, output)?;
    if let Some(journal) = &mut journal {
        // What is broken on purpose below is no finding about the plant and is not kept.
        journal.check(&plant::read(&sources), &sources)?;
        journal.lab(&plant, &sources, &policy, &report, &held)?;
        journal.seal()?;
    }
    let log = |journal: Option<Journal>| journal.map_or(Ok(()), |journal| journal.close(output));
    let healthy = report.fine() && report.proof == lab::Proof::Equal;
    let lab = super::lab::document(&report, language);
    let Some(gap) = Gap::of(&plant, &policy) else {
        let text = language.pick(
            "every two legs of this plant may speak to each other: there is nothing to break on purpose\n",
            "in dieser Anlage dürfen alle Anschlüsse miteinander sprechen: hier lässt sich nichts mit Absicht zerstören\n",
        );
        output.narrate(text);
        log(journal)?;
        let page = page(arguments, &sources, &plant, &policy, &report, output);
        finish(output, &DemoDocument { lab, broken: Vec::new(), page });
        return Ok(if healthy { Exit::Fine } else { Exit::Findings });
    };
    let hole = by_hand(&plant, &policy, &gap, output)?;
    let bridge = bridged(&plant, &policy, &gap, output)?;
    let shown = healthy && hole.shown && bridge.shown;
    log(journal)?;
    let page = page(arguments, &sources, &plant, &policy, &report, output);
    finish(output, &DemoDocument { lab, broken: vec![hole, bridge], page });
    output.narrate(language.pick(
        "\nNow with your own plant: copy examples/line3, change it, then `ringwall check` it.\n",
        "\nJetzt mit der eigenen Anlage: examples/line3 kopieren, ändern und mit `ringwall check` prüfen.\n",
    ));
    Ok(if shown { Exit::Fine } else { Exit::Findings })
}

/// What scripts read.
#[derive(Serialize)]
struct DemoDocument {
    /// The cases.
    lab: LabDocument,
    /// What was broken on purpose.
    broken: Vec<Broken>,
    /// The page, where it could be written.
    page: Option<String>,
}

/// Something broken on purpose.
#[derive(Serialize)]
struct Broken {
    /// What was done.
    what: String,
    /// What the proof says of it.
    proof: ProofDocument,
    /// Whether the packet arrived before.
    before: bool,
    /// Whether it arrives now.
    after: bool,
    /// Whether it came out as it must: found by the proof, and real.
    shown: bool,
}

fn finish(output: &Output, document: &DemoDocument) {
    if output.json() {
        output.result(document, String::new);
    }
}

/// The page about all of it. A demonstration that cannot write a file has shown what it has to show all the same.
fn page(
    arguments: &Demo,
    sources: &[SourceFile],
    plant: &Plant,
    policy: &Policy,
    report: &LabReport,
    output: &Output,
) -> Option<String> {
    let language = output.language();
    let write = || -> Result<String, Failure> {
        let log = arguments.log.log.as_deref().map(|log| Believed::read(log, &[], language)).transpose()?;
        let made = Timestamp::now();
        let parts = Parts { plant, sources, policy, given: &[], made, log: log.as_ref() };
        let mut page = page::page(&parts, language);
        if log.is_none() {
            page::fresh(&mut page, &parts, report, language);
        }
        let file = arguments.page.clone().unwrap_or_else(|| super::show::default_file(plant));
        super::show::write(&file, &page, language)?;
        Ok(file.display().to_string())
    };
    match write() {
        Ok(file) => {
            output.narrate(&language.pick(
                format!("\nAll of it on one page, for any browser: {file}\n"),
                format!("\nAlles auf einer Seite, für jeden Browser: {file}\n"),
            ));
            Some(file)
        }
        Err(failure) => {
            output.message(&failure.text(language));
            None
        }
    }
}

fn heading(output: &Output, number: u8, english: &str, german: &str) {
    output.narrate(&format!("\n{number}. {}\n", output.language().pick(english, german)));
}

fn check(sources: &[SourceFile], output: &Output) -> Result<Plant, Failure> {
    let language = output.language();
    heading(output, 1, "Check the plant text", "Den Anlagentext prüfen");
    let reading = plant::read(sources);
    let count =
        |severity| reading.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let Some(plant) = reading.plant else {
        let errors: Vec<_> =
            reading.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).collect();
        return Err(Failure::new(Exit::BadInput, show::diagnostics(&errors, &reading.sources, language)));
    };
    let (warnings, notes) = (count(Severity::Warning), count(Severity::Note));
    output.narrate(&language.pick(
        format!(
            "   {}: {} zones, {} devices, {} flows, {} cases; {warnings} warnings, {notes} notes\n",
            plant.name,
            plant.zones.len(),
            plant.assets.len(),
            plant.flows.len(),
            plant.expects.len()
        ),
        format!(
            "   {}: {} Zonen, {} Geräte, {} Flüsse, {} Fälle; {warnings} Warnungen, {notes} Hinweise\n",
            plant.name,
            plant.zones.len(),
            plant.assets.len(),
            plant.flows.len(),
            plant.expects.len()
        ),
    ));
    Ok(plant)
}

fn compile(plant: &Plant, now: Timestamp, output: &Output) -> Result<Policy, Failure> {
    let language = output.language();
    heading(output, 2, "Compile it to a firewall", "Daraus eine Firewall machen");
    let policy = files::policy(plant, now, &[], language)?;
    let lines = policy.text().lines().count();
    output.narrate(&language.pick(
        format!("   {} permissions at this moment, {lines} lines of nft text\n", policy.permissions.len()),
        format!("   {} Erlaubnisse zu diesem Zeitpunkt, {lines} Zeilen nft-Text\n", policy.permissions.len()),
    ));
    Ok(policy)
}

fn try_cases(plant: &Plant, now: Timestamp, output: &Output) -> Result<Tried, Failure> {
    let language = output.language();
    heading(
        output,
        3,
        "Build the plant in network namespaces, load the rules, prove them, send every case as real traffic",
        "Die Anlage in Netz-Namensräumen aufbauen, Regeln laden, beweisen und jeden Fall als echten Verkehr senden",
    );
    let options = LabOptions { most_derived: 200, ..LabOptions::at(now) };
    let tried = super::lab::build(plant, &options, output)?;
    output.narrate(&super::lab::text(&tried.report, language));
    Ok(tried)
}

/// Two legs that nothing may pass between, and a host behind each.
struct Gap {
    from: String,
    to: String,
    probe: Probe,
}

impl Gap {
    /// The best gap to show: towards a safety device where there is one.
    fn of(plant: &Plant, policy: &Policy) -> Option<Gap> {
        let mut targets: Vec<_> = plant.assets.values().collect();
        targets.sort_by_key(|asset| (!asset.kind.contains("safety"), asset.id.clone()));
        let hosts = |asset: &plant::Asset| {
            let interface = asset.interfaces.first()?;
            Some((interface.leg.clone()?, *interface.addresses.iter().find(|address| address.is_ipv4())?))
        };
        for target in targets {
            let Some((to, target)) = hosts(target) else { continue };
            for source in plant.assets.values() {
                let Some((from, source)) = hosts(source) else { continue };
                let open = policy.permissions.iter().any(|row| {
                    let pair = [&row.iif, &row.oif];
                    [(&from, &to), (&to, &from)]
                        .iter()
                        .any(|(a, b)| pair == [&Side::Leg((*a).clone()), &Side::Leg((*b).clone())])
                });
                let default = plant.leg(&from).is_some_and(|(_, leg)| leg.default_route);
                if from != to && !open && !default {
                    let probe = Probe {
                        iif: from.clone(),
                        oif: to.clone(),
                        from: source,
                        to: target,
                        protocol: 6,
                        ports: (40_000, PORT),
                    };
                    return Some(Gap { from, to, probe });
                }
            }
        }
        None
    }
}

/// The gateway's rules as they run, against the policy.
fn prove(
    twin: &Twin,
    plant: &Plant,
    policy: &Policy,
    language: Language,
) -> Result<(Proof, kernel::Running), Failure> {
    let legs: BTreeSet<String> = policy.interfaces().into_iter().collect();
    let hosts = proof::hosts(plant);
    twin.gateway().run(|| {
        let running = kernel::running(&legs, language)?;
        let proof = proof::prove(
            policy,
            &hosts,
            policy.moment,
            &running.ruleset,
            &running.surrounding,
            Lateness::None,
            language,
        );
        Ok((proof, running))
    })?
}

fn twin(plant: &Plant, policy: &Policy, language: Language) -> Result<Twin, Failure> {
    let twin = Twin::build(plant, &[]).map_err(|error| super::lab::failure(error, language))?;
    twin.load(&policy.text()).map_err(|error| super::lab::failure(error, language))?;
    Ok(twin)
}

/// A rule somebody adds by hand: the proof finds it, and the packet it shows really passes.
fn by_hand(plant: &Plant, policy: &Policy, gap: &Gap, output: &Output) -> Result<Broken, Failure> {
    let language = output.language();
    let rule = format!("iif {} oif {} tcp dport {PORT} accept", gap.from, gap.to);
    heading(
        output,
        4,
        &format!("Break it on purpose: somebody adds the rule `{rule}` by hand"),
        &format!("Mit Absicht zerstören: jemand fügt von Hand die Regel `{rule}` ein"),
    );
    let lab_failure = |error| super::lab::failure(error, language);
    let mut twin = twin(plant, policy, language)?;
    let before = twin.try_packet(&gap.probe).map_err(lab_failure)?;
    twin.load_besides(&format!("insert rule inet ringwall forward {rule}\n")).map_err(lab_failure)?;
    let (proof, running) = prove(&twin, plant, policy, language)?;
    let verdict = proof.verdict;
    let Some(found) = proof.extra.first().cloned() else {
        output.narrate(
            language.pick("   the proof did not find it\n", "   der Beweis hat sie nicht gefunden\n"),
        );
        let proof = proof::document(proof, policy, &running.ruleset, &running.surrounding.links);
        return Ok(Broken { what: rule, proof, before, after: false, shown: false });
    };
    let found = &found;
    let path = proof::path(found, &running.ruleset, &running.surrounding.links);
    output.narrate(&language.pick(
        format!(
            "   proof: {}; the packet that gets through, and the rule that lets it:\n",
            proof.verdict.word()
        ),
        "   Beweis: verschieden; das Paket, das durchkommt, und die Regel, die es durchlässt:\n".to_owned(),
    ));
    output.narrate(&format!("   {}", show::packet(&PacketDocument::new(found, path), language)));
    let after = twin.try_packet(&replay(found, gap)).map_err(lab_failure)?;
    let target = plant.describe_address(gap.probe.to);
    output.narrate(&language.pick(
        format!(
            "   sent for real: before the rule {}, after it {} ({target})\n",
            if before { "it arrived" } else { "nothing arrived" },
            if after { "it arrives" } else { "nothing arrives" },
        ),
        format!(
            "   wirklich gesendet: vor der Regel {}, danach {} ({target})\n",
            if before { "kam es an" } else { "kam nichts an" },
            if after { "kommt es an" } else { "kommt nichts an" },
        ),
    ));
    let proof = proof::document(proof, policy, &running.ruleset, &running.surrounding.links);
    Ok(Broken { what: rule, proof, before, after, shown: verdict == Verdict::Differs && !before && after })
}

/// The example packet as something to send: between hosts that exist.
fn replay(found: &Found, gap: &Gap) -> Probe {
    Probe {
        protocol: found.packet.protocol,
        ports: (found.packet.source_port, found.packet.destination_port),
        ..gap.probe.clone()
    }
}

/// A bridge between two legs: no rule sees what passes it, and the proof says that nothing is proved.
fn bridged(plant: &Plant, policy: &Policy, gap: &Gap, output: &Output) -> Result<Broken, Failure> {
    let language = output.language();
    heading(
        output,
        5,
        &format!("Break it on purpose: somebody bridges the legs {} and {}", gap.from, gap.to),
        &format!("Mit Absicht zerstören: jemand überbrückt die Anschlüsse {} und {}", gap.from, gap.to),
    );
    let lab_failure = |error| super::lab::failure(error, language);
    let mut twin = twin(plant, policy, language)?;
    let before = twin.try_on_wire(&gap.probe).map_err(lab_failure)?;
    twin.join(&gap.from, &gap.to).map_err(lab_failure)?;
    let (proof, running) = prove(&twin, plant, policy, language)?;
    let rules = grouped(proof::rules(&running.ruleset) as u64, language);
    output.narrate(&language.pick(
        format!("   proof: {}; all {rules} rules are as compiled, but:\n", proof.verdict.word()),
        format!("   Beweis: unbekannt; alle {rules} Regeln sind wie übersetzt, aber:\n"),
    ));
    for note in &proof.not_understood {
        output.narrate(&format!("      {}: {}\n", note.place, note.what));
    }
    let after = twin.try_on_wire(&gap.probe).map_err(lab_failure)?;
    output.narrate(&language.pick(
        format!(
            "   a frame straight from {} to {}: {}\n",
            gap.probe.from,
            gap.probe.to,
            if after { "it arrives, and no rule ever saw it" } else { "nothing arrives" }
        ),
        format!(
            "   ein Rahmen direkt von {} an {}: {}\n",
            gap.probe.from,
            gap.probe.to,
            if after { "er kommt an, und keine Regel hat ihn je gesehen" } else { "nichts kommt an" }
        ),
    ));
    let shown = proof.verdict != Verdict::Equal && !before && after;
    let what = format!("bridge {} {}", gap.from, gap.to);
    let proof = proof::document(proof, policy, &running.ruleset, &running.surrounding.links);
    Ok(Broken { what, proof, before, after, shown })
}
