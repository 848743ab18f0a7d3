//! A static look at a program: what it reads.

use std::collections::{BTreeMap, BTreeSet};

use crate::program::{Expr, Name, Op, Program, Root, Segment, Target};
use crate::{CatalogueUse, Touches, Variable};

/// Lists what `program` reads.
pub(crate) fn of(program: &Program) -> Touches {
    let mut touches = Touches {
        variables: variables(program),
        filters: program.calls.iter().map(|call| call.filter.name.to_owned()).collect(),
        partials: program.units.iter().skip(1).map(|unit| unit.name.to_string()).collect(),
        ..Touches::default()
    };
    let constant = |expr: u32| {
        if let Expr::Text(span) = program.exprs[expr as usize] {
            Some(program.text(span).to_owned())
        } else {
            None
        }
    };
    touches.aborts = program.ops.iter().any(|op| matches!(op, Op::Abort(_)));
    touches.dynamic = program.partials.iter().any(|partial| matches!(partial.target, Target::Computed(_)))
        || program.paths.iter().any(|path| matches!(path.root, Root::Computed(_)));
    for lookup in &program.lookups {
        let catalogue = Some(lookup.catalogue.to_string());
        for key in &lookup.keys {
            touches.catalogues.push(CatalogueUse { catalogue: catalogue.clone(), key: constant(*key) });
        }
    }
    for pipe in &program.pipes {
        let calls = &program.calls[pipe.calls.0 as usize..pipe.calls.1 as usize];
        for (number, call) in calls.iter().enumerate() {
            // Only the first filter of a pipe is known to get what is written in front of it.
            let input = if number == 0 { constant(pipe.value) } else { None };
            match call.filter.name {
                "t" => match input {
                    Some(key) => touches.translations.push(key),
                    None => touches.dynamic = true,
                },
                "catalogue" => {
                    let catalogue = call.arguments.first().and_then(|argument| constant(*argument));
                    touches.catalogues.push(CatalogueUse { catalogue, key: input });
                }
                _ => {}
            }
        }
    }
    if program.ops.iter().any(|op| matches!(op, Op::EmitPathEscaped(_) | Op::EmitEscaped(_))) {
        touches.filters.push("escape".to_owned());
    }
    tidy(&mut touches.filters);
    tidy(&mut touches.partials);
    tidy(&mut touches.catalogues);
    tidy(&mut touches.translations);
    touches
}

fn tidy<T: Ord>(list: &mut Vec<T>) {
    list.sort();
    list.dedup();
}

/// Paths into the caller's data, and whether every use of each is guarded.
fn variables(program: &Program) -> Vec<Variable> {
    let unguarded = unguarded(program);
    let mut variables: BTreeMap<String, bool> = BTreeMap::new();
    for (id, path) in program.paths.iter().enumerate() {
        let name = match path.root {
            Root::Data(name) => name,
            Root::Local { slot: Some(slot), name, .. } if is_read_first(program, slot, id) => name,
            Root::Local { .. } | Root::Computed(_) => continue,
        };
        let mut written = name_in_full(program, name);
        for segment in &path.segments {
            match segment {
                Segment::Name(name) => {
                    written.push('.');
                    written.push_str(name);
                }
                Segment::Index(index) if matches!(program.exprs[*index as usize], Expr::Int(_)) => {}
                Segment::Index(_) => break,
            }
        }
        let guarded = u32::try_from(id).is_ok_and(|id| !unguarded.contains(&id));
        variables.entry(written).and_modify(|all| *all &= guarded).or_insert(guarded);
    }
    variables.into_iter().map(|(path, guarded)| Variable { path, guarded }).collect()
}

/// Whether a path stands in front of everything that gives its name a value, so that it reads the data:
/// `{% assign city = city | default: 'Kyoto' %}`.
fn is_read_first(program: &Program, slot: u16, path: usize) -> bool {
    let (unit, paths) = program.given[usize::from(slot)];
    program.paths[path].unit == unit && path < paths as usize
}

/// A name with those in front of it.
fn name_in_full(program: &Program, name: u32) -> String {
    let Name { parent, text } = &program.names[name as usize];
    match parent {
        Some(parent) => format!("{}.{text}", name_in_full(program, *parent)),
        None => text.to_string(),
    }
}

/// Paths whose value goes into the output, a filter or a loop with nothing to stand in for it.
fn unguarded(program: &Program) -> BTreeSet<u32> {
    let mut unguarded = BTreeSet::new();
    let mut want = |expr: u32| {
        if let Expr::Path(path) = program.exprs[expr as usize] {
            unguarded.insert(path);
        }
    };
    for pipe in &program.pipes {
        let calls = &program.calls[pipe.calls.0 as usize..pipe.calls.1 as usize];
        if !calls.iter().any(|call| call.guarded) {
            want(pipe.value);
        }
        calls.iter().flat_map(|call| &call.arguments).copied().for_each(&mut want);
    }
    for each in &program.loops {
        if each.otherwise.is_none() {
            want(each.collection);
        }
    }
    program.cycles.iter().flat_map(|cycle| &cycle.values).copied().for_each(&mut want);
    program.lookups.iter().flat_map(|lookup| &lookup.keys).copied().for_each(&mut want);
    for partial in &program.partials {
        partial.arguments.iter().map(|(_, value)| *value).for_each(&mut want);
    }
    let emitted =
        |op: &Op| if let Op::EmitPath(path) | Op::EmitPathEscaped(path) = op { Some(*path) } else { None };
    unguarded.extend(program.ops.iter().filter_map(emitted));
    unguarded
}
