//! Time and memory of `groma` beside those of `terraform`, on the same configurations, by turns.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use groma_testkit::{Usage, Workdir, hcl_text, measure, mirror, oracle, repository, scale_layers};

use crate::command::{cargo, output, run};

const USAGE: &str = "\
usage: cargo xtask bench [OPTION..] [NAME..]

  --runs N       runs of each program (default: 3; 1 where a run of terraform takes more than a minute)
  --size N       instances of the scale benchmarks (default: 1000)
  --limit S      seconds after which a run is ended (default: 600)
  --budget S     seconds after which no further benchmark is started (default: 1500)
  --groma PATH   this binary; nothing is built

Names choose benchmarks by their beginning: validate-vpc, plan-vpc, plan-count, apply-count, plan-layers, apply-layers, fmt-hcl, diff-levels, up-levels, prove-scale, parse-hcl
(fmt-hcl: 10 MB of HCL; the last four are of Groma alone: the example levels in the embedded
AWS, from nothing; all pairs of large networks in the prover; CPU time and memory of reading and
formatting 5, 10 and 20 MB of HCL. These two need neither terraform nor groma).
";

struct Options {
    runs: Option<usize>,
    size: usize,
    limit: Duration,
    budget: Duration,
    groma: Option<PathBuf>,
    names: Vec<String>,
}

/// One benchmark: a configuration, and the command which is measured.
struct Benchmark {
    name: &'static str,
    config: Config,
    args: Vec<String>,
    runs: usize,
    /// Whether the command makes a state file, which must be gone before the next run.
    applies: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Config {
    Vpc,
    Count,
    Layers,
    /// 10 MB, which are only read.
    Text,
}

/// The median of the runs of one program, or why there is none.
enum Measured {
    Runs { wall: Duration, own_kib: u64, tree_kib: u64 },
    Failed(String),
}

/// Builds `groma` for release and prints the table.
pub fn bench(args: &[String]) -> Result<(), String> {
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{USAGE}");
        return Ok(());
    }
    let options = parse(args)?;
    let chosen = |name: &str| {
        options.names.is_empty() || options.names.iter().any(|wanted| name.starts_with(wanted.as_str()))
    };
    let alone_only = |name: &String| [PROVE, PARSE].iter().any(|own| own.starts_with(name.as_str()));
    let examples = || {
        if chosen(PROVE) {
            prove_scale()?;
        }
        if chosen(PARSE) { parse_hcl() } else { Ok(()) }
    };
    if !options.names.is_empty() && options.names.iter().all(alone_only) {
        return examples();
    }
    let terraform = oracle().ok_or("terraform is not on the path")?;
    let groma = match &options.groma {
        Some(path) => path.clone(),
        None => {
            run(&mut cargo(["build", "--release", "--package", "groma"]))?;
            target_folder()?.join("release").join("groma")
        }
    };
    let programs = [("terraform", terraform), ("groma", groma)];
    let started = Instant::now();
    println!(
        "\n{:<14} {:<10} {:>4} {:>10} {:>12} {:>12}   ratio to terraform (wall, engine, all)",
        "benchmark", "program", "runs", "wall s", "engine MB", "all MB"
    );
    for benchmark in benchmarks(options.size) {
        if !chosen(benchmark.name) {
            continue;
        }
        if benchmark.config == Config::Vpc && mirror().is_none() {
            println!("{:<14} needs a mirror of the AWS provider", benchmark.name);
            continue;
        }
        if started.elapsed() > options.budget {
            println!("{:<14} not started: the budget is spent", benchmark.name);
            continue;
        }
        compare(&benchmark, &programs, &options);
    }
    for (name, args) in [
        ("diff-levels", &["diff", "-sandbox", "-no-color", "prod"][..]),
        ("up-levels", &["up", "-sandbox", "-no-color", "-auto-approve", "prod"][..]),
    ] {
        if chosen(name) {
            alone(name, args, &programs[1].1, &options);
        }
    }
    examples()
}

const PROVE: &str = "prove-scale";
const PARSE: &str = "parse-hcl";

/// Reading and formatting texts of three sizes: 10 MB have to take less than a second of CPU
/// time each, and memory has to be linear.
fn parse_hcl() -> Result<(), String> {
    run(&mut cargo(["build", "--release", "--package", "groma-lang", "--example", "hcl_speed"]))?;
    let program = target_folder()?.join("release/examples/hcl_speed");
    println!();
    for what in ["parse", "format"] {
        for megabytes in ["5", "10", "20"] {
            run(std::process::Command::new(&program).args([what, megabytes]))?;
        }
    }
    Ok(())
}

/// All pairs of networks of several sizes: interfaces, security groups, VPCs, rules of each
/// group. The fourth is the one that has to take less than 2 s and 500 MB; the others of its
/// size show how time grows with the rules: twice the rules, less than twice the time.
fn prove_scale() -> Result<(), String> {
    run(&mut cargo(["build", "--release", "--package", "groma-prove", "--example", "prove_scale"]))?;
    let program = target_folder()?.join("release/examples/prove_scale");
    println!();
    let mut before: Option<(f64, f64)> = None;
    for sizes in [
        ["500", "125", "10", "12"],
        ["1000", "250", "20", "12"],
        ["2000", "500", "40", "6"],
        ["2000", "500", "40", "12"],
        ["2000", "500", "40", "24"],
        ["2000", "500", "40", "48"],
    ] {
        let out = std::process::Command::new(&program).args(sizes).output();
        let out = out.map_err(|error| format!("{}: {error}", program.display()))?;
        let line = String::from_utf8_lossy(&out.stdout);
        print!("{line}");
        let number = |name: &str| {
            let mut words = line.split_whitespace().skip_while(|w| *w != name);
            words.nth(1).and_then(|n| n.parse::<f64>().ok())
        };
        let (Some(rules), Some(cpu)) = (number("rules"), number("cpu-s")) else {
            return Err(format!("{} printed no numbers: {line}", program.display()));
        };
        if let Some((fewer, less)) = before.filter(|_| sizes[0] == "2000") {
            println!("    {:.2} times the rules, {:.2} times the time", rules / fewer, cpu / less);
        }
        before = (sizes[0] == "2000").then_some((rules, cpu));
    }
    Ok(())
}

fn parse(args: &[String]) -> Result<Options, String> {
    let mut options = Options {
        runs: None,
        size: 1000,
        limit: Duration::from_secs(600),
        budget: Duration::from_secs(1500),
        groma: None,
        names: Vec::new(),
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if !arg.starts_with('-') {
            options.names.push(arg.clone());
            continue;
        }
        let value = args.next().ok_or(format!("{arg} needs a value\n\n{USAGE}"))?;
        let number = || value.parse::<usize>().map_err(|error| format!("{arg} {value}: {error}"));
        match arg.as_str() {
            "--runs" => options.runs = Some(number()?.max(1)),
            "--size" => options.size = number()?,
            "--limit" => options.limit = Duration::from_secs(number()? as u64),
            "--budget" => options.budget = Duration::from_secs(number()? as u64),
            "--groma" => options.groma = Some(PathBuf::from(value)),
            other => return Err(format!("unknown option {other}\n\n{USAGE}")),
        }
    }
    Ok(options)
}

fn benchmarks(size: usize) -> Vec<Benchmark> {
    let benchmark = |name, config, args: &[&str], runs, applies| {
        let mut args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        if config == Config::Count {
            args.push(format!("-var=n={size}"));
        }
        Benchmark { name, config, args, runs, applies }
    };
    let plan = ["plan", "-input=false", "-no-color"];
    let apply = ["apply", "-input=false", "-no-color", "-auto-approve"];
    vec![
        benchmark("validate-vpc", Config::Vpc, &["validate", "-no-color"], 3, false),
        benchmark("plan-vpc", Config::Vpc, &plan, 3, false),
        benchmark("plan-count", Config::Count, &plan, 3, false),
        benchmark("plan-layers", Config::Layers, &plan, 3, false),
        benchmark("apply-layers", Config::Layers, &apply, 1, true),
        benchmark("apply-count", Config::Count, &apply, 1, true),
        benchmark("fmt-hcl", Config::Text, &["fmt", "-write=false", "-list=false"], 3, false),
    ]
}

fn compare(benchmark: &Benchmark, programs: &[(&str, PathBuf); 2], options: &Options) {
    let workdirs = [0, 1].map(|_| {
        let mut workdir = Workdir::new();
        match benchmark.config {
            Config::Vpc => workdir.copy_fixture("vpc"),
            Config::Count => workdir.copy_fixture("scale-count"),
            Config::Layers => drop(workdir.write("main.tf", scale_layers(options.size))),
            Config::Text => drop(workdir.write("main.tf", hcl_text(10_000_000))),
        }
        workdir.timeout(options.limit);
        workdir
    });
    let runs = options.runs.unwrap_or(benchmark.runs);
    let mut failures: [Option<String>; 2] = [None, None];
    let prepared = if benchmark.config == Config::Text { &[][..] } else { &programs[..] };
    for (side, (_, program)) in prepared.iter().enumerate() {
        let init = workdirs[side].run(program, ["init", "-input=false", "-no-color"]);
        if !init.success() {
            failures[side] = Some(format!("init: {}", last_line(&init.stderr)));
        }
    }
    // What Groma remembers of a provider from one run to the next is part of what is
    // measured: one run that is not counted makes it learn.
    if !benchmark.applies && failures[1].is_none() {
        measure(&workdirs[1].invoke(&programs[1].1).args(&benchmark.args), options.limit);
    }
    let mut usages: [Vec<Usage>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..runs {
        // By turns, so that what else the machine does falls on both.
        for (side, (_, program)) in programs.iter().enumerate() {
            if failures[side].is_some() {
                continue;
            }
            let workdir = &workdirs[side];
            if benchmark.applies && workdir.exists("terraform.tfstate") {
                workdir.remove("terraform.tfstate");
            }
            let usage = measure(&workdir.invoke(program).args(&benchmark.args), options.limit);
            match usage.status {
                Some(0) => usages[side].push(usage),
                Some(code) => {
                    failures[side] = Some(format!("exit code {code}: {}", last_line(&usage.stderr)))
                }
                None => failures[side] = Some(format!("ended after {:.0?}", usage.elapsed)),
            }
        }
    }
    let measured = [0, 1].map(|side| match &failures[side] {
        Some(reason) => Measured::Failed(reason.clone()),
        None => Measured::Runs {
            wall: median(usages[side].iter().map(|usage| usage.elapsed)),
            own_kib: median(usages[side].iter().map(|usage| usage.own_kib)),
            tree_kib: median(usages[side].iter().map(|usage| usage.tree_kib)),
        },
    });
    for (side, (name, _)) in programs.iter().enumerate() {
        let ratio = if side == 1 { ratios(&measured[0], &measured[1]) } else { String::new() };
        println!("{:<14} {name:<10} {runs:>4} {}   {ratio}", benchmark.name, measured[side]);
    }
}

/// Measures what has no counterpart in terraform: a command on the example `levels`, each
/// time in a fresh directory.
fn alone(name: &str, args: &[&str], groma: &Path, options: &Options) {
    let runs = options.runs.unwrap_or(3);
    let mut usages = Vec::new();
    for _ in 0..runs {
        let mut workdir = Workdir::new();
        workdir.copy_folder(&repository().join("examples/levels"));
        workdir.timeout(options.limit);
        let usage = measure(&workdir.invoke(groma).args(args), options.limit);
        if usage.status != Some(0) {
            println!("{name:<14} {:<10} {}", "groma", last_line(&usage.stderr));
            return;
        }
        usages.push(usage);
    }
    let measured = Measured::Runs {
        wall: median(usages.iter().map(|usage| usage.elapsed)),
        own_kib: median(usages.iter().map(|usage| usage.own_kib)),
        tree_kib: median(usages.iter().map(|usage| usage.tree_kib)),
    };
    println!("{name:<14} {:<10} {runs:>4} {measured}", "groma");
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runs { wall, own_kib, tree_kib } => {
                let [own, tree] = [own_kib, tree_kib].map(|kib| *kib as f64 / 1024.0);
                write!(f, "{:>10.2} {own:>12.0} {tree:>12.0}", wall.as_secs_f64())
            }
            Self::Failed(reason) => write!(f, "{reason}"),
        }
    }
}

fn ratios(left: &Measured, right: &Measured) -> String {
    let (Measured::Runs { wall: a, own_kib: b, tree_kib: c }, Measured::Runs { wall, own_kib, tree_kib }) =
        (left, right)
    else {
        return String::new();
    };
    let ratio = |left: f64, right: f64| if left > 0.0 { right / left } else { f64::NAN };
    format!(
        "{:.3}  {:.3}  {:.3}",
        ratio(a.as_secs_f64(), wall.as_secs_f64()),
        ratio(*b as f64, *own_kib as f64),
        ratio(*c as f64, *tree_kib as f64)
    )
}

fn median<T: Ord + Copy + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn last_line(text: &str) -> String {
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty());
    line.unwrap_or("it says nothing").chars().take(100).collect()
}

fn target_folder() -> Result<PathBuf, String> {
    if let Some(folder) = std::env::var_os("CARGO_TARGET_DIR") {
        return Ok(repository().join(folder));
    }
    let metadata = output(&mut cargo(["metadata", "--format-version", "1", "--no-deps", "--offline"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata).map_err(|error| error.to_string())?;
    metadata["target_directory"].as_str().map(PathBuf::from).ok_or("cargo names no target folder".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let args = ["--runs", "2", "plan", "--size", "50"].map(str::to_owned);
        let options = parse(&args).expect("options");
        assert_eq!((options.runs, options.size, options.names), (Some(2), 50, vec!["plan".to_owned()]));
        assert!(parse(&["--runs".to_owned()]).is_err());
        assert!(parse(&["--nope".to_owned(), "1".to_owned()]).is_err());
    }

    #[test]
    fn the_median_of_an_odd_number_is_the_middle() {
        assert_eq!(median([5, 1, 3].into_iter()), 3);
        assert_eq!(median(std::iter::empty::<u64>()), 0);
    }
}
