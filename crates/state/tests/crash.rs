//! Real processes killed in the middle of checkpoints: what is found is one checkpoint, never a mix.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use state::{Options, Persist, Store, Table};

const FOLDER: &str = "OMOTENASHI_TEST_FOLDER";
const KEYS: u32 = 3_000;

struct Open {
    store: Store,
    numbers: Table<u32, u64>,
    texts: Table<u32, Vec<u8>>,
}

fn open(folder: &Path) -> Open {
    let options = Options { clean_values_max: 100, map_bytes: 1 << 20 };
    let mut store = Store::open(folder, options).unwrap();
    let (numbers, texts) = (store.table("numbers").unwrap(), store.table("texts").unwrap());
    Open { store, numbers, texts }
}

/// The texts grow with the round, so that pages split and the map grows while we are killed.
fn text(round: u64) -> Vec<u8> {
    round.to_be_bytes().repeat(1 + usize::try_from(round % 24).unwrap())
}

/// Not a test of its own: the process that is killed. It says everything of a round in one checkpoint.
#[test]
fn child_that_writes_checkpoints_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let Open { mut store, mut numbers, mut texts } = open(Path::new(&folder));
    loop {
        let round = store.position() + 1;
        for key in 0..KEYS {
            // Every third key is there in every other round only.
            if key % 3 == 0 && round % 2 == 0 {
                numbers.remove(&key);
            } else {
                numbers.put(key, round);
            }
            texts.put(key, text(round));
        }
        let tables: &mut [&mut dyn Persist] = &mut [&mut texts, &mut numbers];
        store.checkpoint(round, &[("round", &round.to_be_bytes())], tables).unwrap();
        println!("round {round}");
    }
}

fn spawn(name: &str, folder: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture"]).env(FOLDER, folder);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    (child, lines)
}

/// Lets the child finish some rounds, then kills it somewhere within the next.
fn kill_in_the_middle(folder: &Path, seed: u64) -> u64 {
    let (mut child, lines) = spawn("child_that_writes_checkpoints_until_it_is_killed", folder);
    let mut last = 0;
    let rounds =
        lines.lines().map_while(Result::ok).filter_map(|line| line.strip_prefix("round ")?.parse().ok());
    for round in rounds.take(1 + usize::try_from(seed % 3).unwrap()) {
        last = round;
    }
    let spins = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 4_000_000;
    (0..spins).for_each(|spin| {
        std::hint::black_box(spin);
    });
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    last
}

#[test]
fn a_checkpoint_is_whole_or_absent_whatever_kills_the_process() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..12 {
        let acknowledged = kill_in_the_middle(folder.path(), seed);
        let Open { store, numbers, texts } = open(folder.path());
        let round = store.position();
        assert!(round >= acknowledged, "a finished checkpoint is never lost. seed={seed}");
        assert_eq!(store.blob("round").unwrap().as_deref(), Some(&round.to_be_bytes()[..]), "seed={seed}");
        for key in 0..KEYS {
            let expected = (key % 3 != 0 || round % 2 != 0).then_some(round);
            assert_eq!(numbers.read(&key).unwrap(), expected, "seed={seed} key={key}");
            assert_eq!(texts.read(&key).unwrap(), Some(text(round)), "seed={seed} key={key}");
        }
    }
}

/// Not a test of its own: a second process on a folder that is in use.
#[test]
fn child_that_opens_the_folder_too() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let error = Store::open(Path::new(&folder), Options::default()).unwrap_err();
    println!("kind {:?}\nerror {error}", error.kind());
}

#[test]
fn a_second_process_on_the_folder_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let _open = open(folder.path());
    let (mut child, lines) = spawn("child_that_opens_the_folder_too", folder.path());
    let said: Vec<String> = lines.lines().map_while(Result::ok).collect();
    child.wait().unwrap();
    let error = format!(
        "error the state folder is in use by another process; stop it first. folder=`{}`, pid=`{}`",
        folder.path().display(),
        std::process::id()
    );
    assert!(said.contains(&"kind Conflict".to_owned()) && said.contains(&error), "{said:#?}");
}
