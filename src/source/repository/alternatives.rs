//! Which roots are applied together, and which are alternatives of each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Component, Path, PathBuf},
};

use super::heads::Identity;

/// What decides to which mesh a root belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Member {
    /// Its folder without links.
    pub(super) folder: PathBuf,
    /// Folders whose resources it includes.
    pub(super) bases: BTreeSet<PathBuf>,
    /// The objects that it defines.
    pub(super) objects: BTreeSet<Identity>,
}

/// How roots are distributed, by their positions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Distribution {
    /// Roots that belong to every mesh.
    pub(super) common: Vec<usize>,
    /// The roots of each mesh that has roots of its own; none if there is only one mesh.
    pub(super) meshes: Vec<Vec<usize>>,
}

/// Distributes roots: those that share a base or define the same object are alternatives, and groups of alternatives are paired by the
/// names of their folders.
pub(super) fn distribute(members: &[Member]) -> Distribution {
    let mut distribution = Distribution::default();
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for group in groups(members) {
        if let [alone] = group[..] {
            distribution.common.push(alone);
            continue;
        }
        let folders: Vec<&Path> = group.iter().map(|at| members[*at].folder.as_path()).collect();
        for (name, at) in names(&folders).into_iter().zip(group) {
            by_name.entry(name).or_default().push(at);
        }
    }
    distribution.meshes = by_name.into_values().collect();
    distribution.meshes.sort();
    distribution
}

/// The roots that are connected by a common base or object, each group in order.
fn groups(members: &[Member]) -> Vec<Vec<usize>> {
    let mut group: Vec<usize> = (0..members.len()).collect();
    let mut by_base: BTreeMap<&Path, usize> = BTreeMap::new();
    let mut by_object: BTreeMap<&Identity, usize> = BTreeMap::new();
    for (at, member) in members.iter().enumerate() {
        let bases = member.bases.iter().map(|base| *by_base.entry(base).or_insert(at));
        let objects = member.objects.iter().map(|object| *by_object.entry(object).or_insert(at));
        for other in bases.chain(objects).collect::<BTreeSet<usize>>() {
            let (one, other) = (first(&group, at), first(&group, other));
            group[one.max(other)] = one.min(other);
        }
    }
    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..members.len() {
        found.entry(first(&group, at)).or_default().push(at);
    }
    found.into_values().collect()
}

/// The first root of a group.
fn first(group: &[usize], mut at: usize) -> usize {
    while group[at] != at {
        at = group[at];
    }
    at
}

/// The names that distinguish the folders of a group: their last parts, else the parts in which they differ.
fn names(folders: &[&Path]) -> Vec<String> {
    let parts: Vec<Vec<&str>> = folders.iter().map(|folder| folder.components().filter_map(part).collect()).collect();
    let last: Vec<String> = parts.iter().map(|parts| parts.last().copied().unwrap_or_default().to_owned()).collect();
    if are_unique(&last) {
        return last;
    }
    let is_same =
        |of: &dyn Fn(&[&str]) -> Option<String>| parts.windows(2).all(|pair| of(&pair[0]).is_some() && of(&pair[0]) == of(&pair[1]));
    let shortest = parts.iter().map(Vec::len).min().unwrap_or_default();
    let before = (0..shortest).take_while(|at| is_same(&|parts| parts.get(*at).map(ToString::to_string))).count();
    let behind = (0..shortest - before)
        .take_while(|at| is_same(&|parts| parts.get(parts.len().checked_sub(at + 1)?).map(ToString::to_string)))
        .count();
    parts.iter().map(|parts| parts.get(before..parts.len() - behind).unwrap_or_default().join("/")).collect()
}

fn part(component: Component<'_>) -> Option<&str> {
    component.as_os_str().to_str()
}

fn are_unique(names: &[String]) -> bool {
    names.iter().collect::<BTreeSet<_>>().len() == names.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(folder: &str, bases: &[&str], objects: &[&str]) -> Member {
        let object = |name: &&str| (String::new(), "Service".to_owned(), String::new(), (*name).to_owned());
        Member { folder: folder.into(), bases: bases.iter().map(PathBuf::from).collect(), objects: objects.iter().map(object).collect() }
    }

    /// What a row is about, the members, those of every mesh, and those of each mesh.
    type Row = (&'static str, Vec<Member>, &'static [usize], &'static [&'static [usize]]);

    #[test]
    fn alternatives_are_paired_by_the_names_of_their_folders() {
        let rows: [Row; 6] = [
            ("nothing", vec![], &[], &[]),
            ("roots that share nothing", vec![member("/apps/a", &[], &["a"]), member("/apps/b", &[], &["b"])], &[0, 1], &[]),
            ("a common base", vec![member("/o/dev", &["/base"], &[]), member("/o/prod", &["/base"], &[])], &[], &[&[0], &[1]]),
            (
                "a common object",
                vec![member("/a", &[], &["x", "y"]), member("/b", &[], &["y", "z"]), member("/c", &[], &["q"])],
                &[2],
                &[&[0], &[1]],
            ),
            (
                "two groups, and one without a partner",
                vec![
                    member("/a/dev", &["/a/base"], &[]),
                    member("/a/prod", &["/a/base"], &[]),
                    member("/b/prod", &["/b/base"], &[]),
                    member("/b/test", &["/b/base"], &[]),
                ],
                &[],
                &[&[0], &[1, 2], &[3]],
            ),
            (
                "folders that differ further up",
                vec![
                    member("/clusters/dev/a", &["/a"], &[]),
                    member("/clusters/dev/b", &["/b"], &[]),
                    member("/clusters/prod/a", &["/a"], &[]),
                    member("/clusters/prod/b", &["/b"], &[]),
                ],
                &[],
                &[&[0, 1], &[2, 3]],
            ),
        ];
        for (what, members, common, meshes) in rows {
            let found = distribute(&members);
            assert_eq!((found.common.as_slice(), found.meshes), (common, meshes.iter().map(|mesh| mesh.to_vec()).collect()), "{what}");
        }
    }
}
