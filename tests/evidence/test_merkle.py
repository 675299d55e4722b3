"""The Merkle tree is that of RFC 6962, and its proofs convince only of what is so."""

import hashlib

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna.errors import EvidenceBroken
from lacuna.evidence import merkle

# The leaves and roots that the reference implementations of Certificate Transparency test with.
DATA = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [merkle.leaf_hash(data) for data in DATA]

trees = st.lists(st.binary(max_size=8), min_size=1, max_size=70).map(
    lambda data: [merkle.leaf_hash(each) for each in data]
)


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference(size):
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size]


def test_proofs_are_those_of_the_example_in_the_rfc():
    # RFC 6962, section 2.1.3: seven leaves a to j under the nodes of its drawing.
    a, b, c, d, e, f, j = (merkle.leaf_hash(name.encode()) for name in "abcdefj")
    leaves = [a, b, c, d, e, f, j]
    g, h, i = node(a, b), node(c, d), node(e, f)
    k, last = node(g, h), node(i, j)
    assert merkle.root(leaves) == node(k, last)
    assert merkle.Tree(leaves).inclusion_proof(0) == (b, h, last)
    assert merkle.Tree(leaves).inclusion_proof(3) == (c, g, last)
    assert merkle.Tree(leaves).inclusion_proof(4) == (f, j, k)
    assert merkle.Tree(leaves).inclusion_proof(6) == (i, k)


def test_a_leaf_is_never_taken_for_a_node():
    left, right = LEAVES[:2]
    assert merkle.root([left, right]) != merkle.leaf_hash(left + right)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70), st.data())
@settings(max_examples=1000)
def test_a_second_implementation_agrees(data, draw):
    leaves = [merkle.leaf_hash(each) for each in data]
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for each in data:
        other.append_entry(each)
    size = draw.draw(st.integers(1, len(leaves)))
    index = draw.draw(st.integers(0, size - 1))
    root = merkle.root(leaves[:size])
    assert other.get_root(size) == root
    proof = other.prove_inclusion(index + 1, size)
    assert tuple(proof.path[1:]) == merkle.Tree(leaves[:size]).inclusion_proof(index)
    pymerkle.verify_consistency(
        root, merkle.root(leaves), other.prove_consistency(size, len(leaves))
    )


@given(trees)
def test_every_leaf_is_proved_to_be_included(leaves):
    root = merkle.root(leaves)
    for index, leaf in enumerate(leaves):
        proof = merkle.Tree(leaves).inclusion_proof(index)
        merkle.verify_inclusion(leaf, index, size=len(leaves), proof=proof, root=root)


@pytest.mark.parametrize("size", range(1, 9))
def test_a_proof_of_inclusion_fits_one_leaf_at_one_place_in_one_tree(size):
    leaves, root = LEAVES[:size], merkle.root(LEAVES[:size])
    for index in range(size):
        proof = merkle.Tree(leaves).inclusion_proof(index)
        forged = [
            (leaf, place, size, proof, root)
            for place in range(-1, size + 1)
            for leaf in leaves
            if (place, leaf) != (index, leaves[index])
        ]
        forged += [
            (leaves[index], index, size, proof, other)
            for other in (b"", LEAVES[-1], leaves[index] if size > 1 else b"")
        ]
        forged += [(leaves[index], index, size, (*proof, root), root)]
        forged += [(leaves[index], index, size, proof[:-1], root)] if proof else []
        forged += [
            (leaves[index], index, size, (*proof[:at], LEAVES[-1][::-1], *proof[at + 1 :]), root)
            for at in range(len(proof))
        ]
        for leaf, place, of, steps, claimed in forged:
            with pytest.raises(EvidenceBroken):
                merkle.verify_inclusion(leaf, place, size=of, proof=steps, root=claimed)


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_proof_for_a_leaf_that_does_not_exist(index):
    with pytest.raises(ValueError, match="not among 3"):
        merkle.Tree(LEAVES[:3]).inclusion_proof(index)


def test_a_growing_tree_keeps_no_more_than_it_needs():
    tree = merkle.Frontier()
    for number in range(1000):
        tree.append(merkle.leaf_hash(str(number).encode()))
    assert tree.size == 1000
    assert len(tree._subtrees) == bin(1000).count("1")
