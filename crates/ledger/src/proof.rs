//! Proofs that a record is in a tree, and that a tree only grew: made from the leaves, checked with the roots alone.
//!
//! The algorithms are those of RFC 6962 (making) and RFC 9162 (checking).

use crate::tree::{Hash, Tree, node_hash};

/// The path that shows leaf `index` among `leaves`; none where there is no such leaf.
pub fn inclusion(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    leaves.get(index)?;
    let mut path = Vec::new();
    let (mut leaves, mut index) = (leaves, index);
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at_checked(half(leaves.len()))?;
        if let Some(within) = index.checked_sub(left.len()) {
            path.push(Tree::of(left).root());
            (leaves, index) = (right, within);
        } else {
            path.push(Tree::of(right).root());
            leaves = left;
        }
    }
    path.reverse();
    Some(path)
}

/// The path that shows that the tree of `leaves` grew out of the tree of its first `old` leaves; none where there
/// never was such a tree. It is empty for the empty and for the same tree.
pub fn consistency(leaves: &[Hash], old: usize) -> Option<Vec<Hash>> {
    if old > leaves.len() {
        return None;
    }
    let mut path = Vec::new();
    if old == 0 {
        return Some(path);
    }
    let (mut leaves, mut old, mut whole) = (leaves, old, true);
    while old < leaves.len() {
        let (left, right) = leaves.split_at_checked(half(leaves.len()))?;
        match old.checked_sub(left.len()) {
            Some(within) if within > 0 => {
                path.push(Tree::of(left).root());
                (leaves, old, whole) = (right, within, false);
            }
            _ => {
                path.push(Tree::of(right).root());
                leaves = left;
            }
        }
    }
    // The reader has the old root already where the old tree is one of the subtrees on the left edge.
    if !whole {
        path.push(Tree::of(leaves).root());
    }
    path.reverse();
    Some(path)
}

/// Whether the path shows that `leaf` stands at `index` in the tree of this size and root.
pub fn includes(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether the path shows that the newer tree only added to the older one.
pub fn grew(old: (u64, &Hash), new: (u64, &Hash), path: &[Hash]) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size == new_size {
        return path.is_empty() && old_root == new_root;
    }
    if old_size == 0 {
        return path.is_empty() && *old_root == Tree::new().root();
    }
    if old_size > new_size {
        return false;
    }
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    let mut path = path.iter();
    let first = if old_size.is_power_of_two() { Some(old_root) } else { path.next() };
    let Some(first) = first else { return false };
    let (mut before, mut after) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            before = node_hash(sibling, &before);
            after = node_hash(sibling, &after);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            after = node_hash(&after, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && before == *old_root && after == *new_root
}

/// The largest power of two below a number above one.
fn half(size: usize) -> usize {
    size.div_ceil(2).next_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::leaf_hash;

    fn leaves(count: u8) -> Vec<Hash> {
        (0..count).map(|number| leaf_hash(&[number])).collect()
    }

    /// Every other proof than the right one: a hash changed, one fewer, one more.
    fn wrong(path: &[Hash]) -> Vec<Vec<Hash>> {
        let mut all: Vec<Vec<Hash>> = (0..path.len())
            .map(|at| {
                let mut path = path.to_vec();
                path[at][0] ^= 1;
                path
            })
            .collect();
        all.extend(path.split_last().map(|(_, rest)| rest.to_vec()));
        all.push([path, &[[7; 32]]].concat());
        all
    }

    #[test]
    fn a_record_is_shown_in_every_tree_and_at_no_other_place() {
        for size in 1..=40 {
            let leaves = leaves(size);
            let root = Tree::of(&leaves).root();
            for (index, leaf) in leaves.iter().enumerate() {
                let path = inclusion(&leaves, index).unwrap();
                for place in 0..=leaves.len() {
                    let holds = includes(leaf, place as u64, u64::from(size), &path, &root);
                    assert_eq!(holds, place == index, "{size} {index} {place}");
                }
                for path in wrong(&path) {
                    assert!(!includes(leaf, index as u64, u64::from(size), &path, &root));
                }
            }
            assert_eq!(inclusion(&leaves, leaves.len()), None);
        }
    }

    #[test]
    fn a_tree_is_shown_to_have_grown_and_no_other() {
        for new in 0..=40 {
            let leaves = leaves(new);
            let root = Tree::of(&leaves).root();
            for old in 0..=new {
                let path = consistency(&leaves, usize::from(old)).unwrap();
                let old_root = Tree::of(&leaves[..usize::from(old)]).root();
                let holds = |path: &[Hash], old_root: &Hash| {
                    grew((u64::from(old), old_root), (u64::from(new), &root), path)
                };
                assert!(holds(&path, &old_root), "{old} {new}");
                assert!(!holds(&path, &[1; 32]), "{old} {new}");
                for path in wrong(&path) {
                    assert!(!holds(&path, &old_root), "{old} {new}");
                }
            }
            assert_eq!(consistency(&leaves, leaves.len() + 1), None);
        }
    }

    #[test]
    fn paths_are_those_of_certificate_transparency() {
        let leaves: Vec<Hash> = crate::tree::tests::LEAVES.iter().map(|leaf| leaf_hash(leaf)).collect();
        let hex = |path: Option<Vec<Hash>>| path.unwrap().iter().map(crate::tree::hex).collect::<Vec<_>>();
        assert_eq!(
            hex(inclusion(&leaves, 0)),
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ]
        );
        assert_eq!(
            hex(consistency(&leaves, 6)),
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        );
    }
}
