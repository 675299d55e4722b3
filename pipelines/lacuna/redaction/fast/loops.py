"""The loops of the name finder: no Python objects, only arrays.

Shapes: a batch of texts is one array of code points. Its tokens stand in rows, text after text,
with `PAD` empty rows before, between and behind the texts, as spaCy's own network sees them;
`first_row[text]` is the row of a text's first token. The tokens alone, without the empty rows, are
counted through the batch: `row - PAD * (text + 1)`.
"""

# Array code reads best with the letters of its formulas.
import numpy as np
import numpy.typing as npt

from lacuna.redaction.fast.compiled_loops import compiled

PAD = 4
WIDTH = 96
PIECES = 3
HIDDEN = 64
WIDE = WIDTH * PIECES
_TILE_ROWS = 4
TILE_SIDES = 6

OUTSIDE, BEGIN, INSIDE, LAST, UNIT, OTHER = range(6)
"""What a transition does to an entity."""

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]

_SEED = np.uint64(1469598103934665603)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(1)
_MIX = np.uint64(29)
_LAST_MIX = np.uint64(32)
_SPACE = np.uint32(32)
_TINY = np.float32(1e-8)


@compiled
def _mixed(digest: np.uint64, code: np.uint32) -> np.uint64:
    """Return the digest of a run that goes on with a code point."""
    digest = (digest ^ np.uint64(code)) * _FACTOR
    return digest ^ (digest >> _MIX)


@compiled
def _closed(digest: np.uint64, size: int) -> np.uint64:
    """Return the digest of a run that ends; never 0, which is an empty slot."""
    digest = (digest ^ np.uint64(size)) * _FACTOR
    return (digest ^ (digest >> _LAST_MIX)) | _ONE


@compiled
def split(
    codes: U32,
    offsets: I64,
    blank: U8,
    slots: U64,
    slot_chunk: I32,
    chunks: I32,
    chunk_codes: U32,
    chunk_types: I32,
    chunk_starts: I32,
    chunk_ends: I32,
    types: I32,
    token_types: I32,
    starts: I32,
    ends: I32,
    first_row: I32,
    missing: I64,
) -> tuple[int, int]:
    """Split texts where blanks begin and end, as spaCy does, and look every run up.

    Writes the token types (with empty rows and without), the tokens' places in their texts, and the runs that
    are not in the table; returns how many rows and how many missing runs there are.
    """
    mask = np.uint64(slots.shape[0] - 1)
    row = 0
    token = 0
    missed = 0
    for _ in range(PAD):
        types[row] = 0
        row += 1
    for text in range(offsets.shape[0] - 1):
        origin = offsets[text]
        length = offsets[text + 1] - origin
        first_row[text] = row
        start = 0
        at = 0
        inside_blank = False
        if length > 0:
            inside_blank = codes[origin] < blank.shape[0] and blank[codes[origin]] == 1
        digest = _SEED
        while at <= length:
            ends_here = True
            code = np.uint32(0)
            if at < length:
                code = codes[origin + at]
                ends_here = (code < blank.shape[0] and blank[code] == 1) != inside_blank
            if not ends_here:
                if at >= start:
                    digest = _mixed(digest, code)
                at += 1
                continue
            size = at - start
            if size > 0:
                digest = _closed(digest, size)
                slot = digest & mask
                found = -1
                while slots[slot] != 0:
                    if slots[slot] == digest:
                        chunk = slot_chunk[slot]
                        if chunks[chunk, 1] == size:
                            pool = chunks[chunk, 0]
                            same = True
                            for i in range(size):
                                if chunk_codes[pool + i] != codes[origin + start + i]:
                                    same = False
                                    break
                            if same:
                                found = chunk
                                break
                    slot = (slot + _ONE) & mask
                if found < 0:
                    missing[missed, 0] = origin + start
                    missing[missed, 1] = size
                    missed += 1
                else:
                    pool = chunks[found, 2]
                    for i in range(pool, pool + chunks[found, 3]):
                        types[row] = chunk_types[i]
                        token_types[token] = chunk_types[i]
                        starts[token] = start + chunk_starts[i]
                        ends[token] = start + chunk_ends[i]
                        row += 1
                        token += 1
            if at < length:
                # One space belongs to the word before it; more are a token of their own.
                start = at + 1 if code == _SPACE else at
                inside_blank = not inside_blank
                digest = _SEED
                if code != _SPACE:
                    digest = _mixed(digest, code)
            at += 1
        for _ in range(PAD):
            types[row] = 0
            row += 1
    first_row[offsets.shape[0] - 1] = row
    return row, missed


@compiled
def add_chunks(
    codes: U32,
    wanted: I64,
    token_starts: I64,
    token_lengths: I64,
    token_types: I32,
    filled: I64,
    slots: U64,
    slot_chunk: I32,
    chunks: I32,
    chunk_codes: U32,
    chunk_types: I32,
    chunk_starts: I32,
    chunk_ends: I32,
) -> None:
    """Enter runs of `codes` (start, length) and their tokens, which stand in order, in the table.

    `filled`: how many chunks, code points and tokens the table holds; counted on.
    """
    mask = np.uint64(slots.shape[0] - 1)
    token = 0
    for i in range(wanted.shape[0]):
        start = wanted[i, 0]
        size = wanted[i, 1]
        chunk, pool, placed = filled[0], filled[1], filled[2]
        digest = _SEED
        for j in range(size):
            code = codes[start + j]
            chunk_codes[pool + j] = code
            digest = _mixed(digest, code)
        digest = _closed(digest, size)
        slot = digest & mask
        while slots[slot] != 0:
            slot = (slot + _ONE) & mask
        slots[slot] = digest
        slot_chunk[slot] = chunk
        count = 0
        while token < token_starts.shape[0] and token_starts[token] < start + size:
            if token_starts[token] >= start:
                chunk_types[placed + count] = token_types[token]
                chunk_starts[placed + count] = token_starts[token] - start
                chunk_ends[placed + count] = token_starts[token] - start + token_lengths[token]
                count += 1
            token += 1
        chunks[chunk, 0] = pool
        chunks[chunk, 1] = size
        chunks[chunk, 2] = placed
        chunks[chunk, 3] = count
        filled[0] += 1
        filled[1] += size
        filled[2] += count


@compiled
def move_slots(old: U64, old_chunk: I32, slots: U64, slot_chunk: I32) -> None:
    """Enter the chunks of a smaller table in a larger, empty one."""
    mask = np.uint64(slots.shape[0] - 1)
    for i in range(old.shape[0]):
        if old[i] != 0:
            slot = old[i] & mask
            while slots[slot] != 0:
                slot = (slot + _ONE) & mask
            slots[slot] = old[i]
            slot_chunk[slot] = old_chunk[i]


@compiled
def _settle(pieces: F32, gain: F32, shift: F32, out: F32) -> None:
    """Take the largest of three pieces, then bring them to one mean and spread (layer norm)."""
    mean = np.float32(0)
    for j in range(WIDTH):
        out[j] = max(max(pieces[j], pieces[WIDTH + j]), pieces[2 * WIDTH + j])
        mean += out[j]
    mean /= np.float32(WIDTH)
    spread = np.float32(0)
    for j in range(WIDTH):
        spread += (out[j] - mean) * (out[j] - mean)
    scale = np.float32(1) / np.sqrt(spread / np.float32(WIDTH) + _TINY)
    for j in range(WIDTH):
        out[j] = (out[j] - mean) * scale * gain[j] + shift[j]


@compiled
def embed(rows: I32, table: F32, bias: F32, gain: F32, shift: F32, out: F32) -> None:
    """Add up the rows of `table` that make a type, in each line of `rows`; maxout, layer norm."""
    y = np.empty(WIDE, np.float32)
    v = np.empty(WIDTH, np.float32)
    for i in range(rows.shape[0]):
        for j in range(WIDE):
            y[j] = bias[j]
        for k in range(rows.shape[1]):
            row = rows[i, k]
            for j in range(WIDE):
                y[j] += table[row, j]
        _settle(y, gain, shift, v)
        for j in range(WIDTH):
            out[i, j] = v[j]


@compiled
def lay_tiles(first_row: I32, layer: int, tiles: I32) -> int:
    """Lay tiles of four rows over the rows that a layer has to compute; return how many.

    The layers 2, 3 and 4 need two, one and no empty rows round each text. Columns: first row, rows
    (1 to 4), first row of the result: the last layer's result has no empty rows.
    """
    around = 4 - layer
    count = 0
    for text in range(first_row.shape[0] - 1):
        start = first_row[text]
        end = first_row[text + 1] - PAD
        if start == end:
            continue
        shift = PAD * (text + 1) if layer == 4 else 0
        for row in range(start - around, end + around, _TILE_ROWS):
            tiles[count, 0] = row
            tiles[count, 1] = min(_TILE_ROWS, end + around - row)
            tiles[count, 2] = row - shift
            count += 1
    return count


@compiled
def first_layer(
    types: I32, rows: int, sums: F32, embedded: F32, bias: F32, gain: F32, shift: F32, out: F32
) -> None:
    """Compute layer 1 from what each token type adds to its neighbors and itself.

    No product is left: `sums[type]` holds the type's part in the token after it, itself and the
    token before it.
    """
    y = np.empty(WIDE, np.float32)
    v = np.empty(WIDTH, np.float32)
    for i in range(rows):
        before = types[i - 1] if i > 0 else 0
        here = types[i]
        after = types[i + 1] if i + 1 < rows else 0
        for j in range(WIDE):
            y[j] = sums[before, j] + sums[here, WIDE + j] + sums[after, 2 * WIDE + j] + bias[j]
        _settle(y, gain, shift, v)
        for j in range(WIDTH):
            out[i, j] = embedded[here, j] + v[j]


@compiled
def before_products(rows: F32, tiles: I32, start: int, count: int, out: F32) -> None:
    """Transform six neighboring rows per tile, so that six products give four rows of a layer.

    Three rows in, one out, would be twelve products. Rows behind the last that counts are taken
    for zeros, so that a text's result hangs on nothing beyond it.
    Source: Winograd's minimal filtering F(4, 3), Lavin and Gray (2016).
    """
    two, four, five = np.float32(2), np.float32(4), np.float32(5)
    v = np.zeros((TILE_SIDES, WIDTH), np.float32)
    for t in range(count):
        row = tiles[start + t, 0]
        there = tiles[start + t, 1] + 2
        for i in range(TILE_SIDES):
            if i < there:
                for j in range(WIDTH):
                    v[i, j] = rows[row - 1 + i, j]
            else:
                for j in range(WIDTH):
                    v[i, j] = np.float32(0)
        for j in range(WIDTH):
            a, b, c, d, e, f = v[0, j], v[1, j], v[2, j], v[3, j], v[4, j], v[5, j]
            out[0, t, j] = four * a - five * c + e
            out[1, t, j] = (e - four * c) + (d - four * b)
            out[2, t, j] = (e - four * c) - (d - four * b)
            out[3, t, j] = (e - c) + two * (d - b)
            out[4, t, j] = (e - c) - two * (d - b)
            out[5, t, j] = four * b - five * d + f


@compiled
def after_products(
    products: F32,
    tiles: I32,
    start: int,
    count: int,
    bias: F32,
    gain: F32,
    shift: F32,
    rows: F32,
    out: F32,
) -> None:
    """Turn the six products of each tile into its rows: maxout, layer norm, residual."""
    y = np.empty((_TILE_ROWS, WIDE), np.float32)
    v = np.empty(WIDTH, np.float32)
    two, four, eight = np.float32(2), np.float32(4), np.float32(8)
    for t in range(count):
        row = tiles[start + t, 0]
        to = tiles[start + t, 2]
        for j in range(WIDE):
            inner = products[1, t, j] + products[2, t, j]
            inner_odd = products[1, t, j] - products[2, t, j]
            outer = products[3, t, j] + products[4, t, j]
            outer_odd = products[3, t, j] - products[4, t, j]
            y[0, j] = products[0, t, j] + inner + outer + bias[j]
            y[1, j] = inner_odd + two * outer_odd + bias[j]
            y[2, j] = inner + four * outer + bias[j]
            y[3, j] = inner_odd + eight * outer_odd + products[5, t, j] + bias[j]
        for side in range(tiles[start + t, 1]):
            _settle(y[side], gain, shift, v)
            for j in range(WIDTH):
                out[to + side, j] = rows[row + side, j] + v[j]


@compiled
def hidden_outside(products: F32, bias: F32, count: int, out: F32) -> None:
    """Compute the hidden layer of tokens outside entities."""
    for i in range(count):
        for j in range(HIDDEN):
            out[i, j] = max(
                products[i, 2 * j] + bias[2 * j], products[i, 2 * j + 1] + bias[2 * j + 1]
            )


@compiled
def choose_outside(
    scores: F32, bias: F32, kinds: U8, blank: U8, types: I32, start: int, count: int, best: I32
) -> None:
    """Choose the best transition of tokens outside entities.

    `best` columns: the choice, and the choice for the last token of a text, where none may begin.
    A blank begins no entity.
    """
    for i in range(count):
        is_blank = blank[types[start + i]] == 1
        first = -1
        last = -1
        first_score = np.float32(-1e30)
        last_score = np.float32(-1e30)
        for c in range(scores.shape[1]):
            score = scores[i, c] + bias[c]
            if kinds[c] == OUTSIDE or (kinds[c] == UNIT and not is_blank):
                if score > first_score:
                    first_score = score
                    first = c
                if score > last_score:
                    last_score = score
                    last = c
            elif kinds[c] == BEGIN and not is_blank and score > first_score:
                first_score = score
                first = c
        best[start + i, 0] = first
        best[start + i, 1] = last


@compiled
def _times(vector: F32, matrix: F32, bias: F32, out: F32) -> None:
    for j in range(out.shape[0]):
        out[j] = bias[j]
    for i in range(WIDTH):
        factor = vector[i]
        for j in range(out.shape[0]):
            out[j] += factor * matrix[i, j]


@compiled
def find_entities(
    rows: F32,
    own: F32,
    own_bias: F32,
    others: F32,
    others_bias: F32,
    hidden_bias: F32,
    output: F32,
    output_bias: F32,
    kinds: U8,
    labels: I32,
    inside: I32,
    last: I32,
    best: I32,
    first_row: I32,
    starts: I32,
    ends: I32,
    found: I32,
) -> int:
    """Walk through the tokens; write text, start, end and label of each entity, return how many.

    Only inside an entity does a choice depend on earlier ones: there the network is computed
    token by token, and of all transitions only two are allowed.
    """
    count = 0
    here = np.empty(2 * HIDDEN, np.float32)
    there = np.empty(4 * HIDDEN, np.float32)
    opening = np.empty(2 * HIDDEN, np.float32)
    for text in range(first_row.shape[0] - 1):
        end = first_row[text + 1] - PAD * (text + 2)
        begun = -1
        label = -1
        for token in range(first_row[text] - PAD * (text + 1), end):
            if begun < 0:
                choice = best[token, 0] if token < end - 1 else best[token, 1]
                if kinds[choice] == BEGIN:
                    begun = token
                    label = labels[choice]
                    _times(rows[token], others, others_bias, there)
                    for j in range(2 * HIDDEN):
                        opening[j] = there[j]
                elif kinds[choice] == UNIT:
                    found[count, 0] = text
                    found[count, 1] = starts[token]
                    found[count, 2] = ends[token]
                    found[count, 3] = labels[choice]
                    count += 1
                continue
            _times(rows[token], own, own_bias, here)
            on = inside[label]
            off = last[label]
            on_score = output_bias[on]
            off_score = output_bias[off]
            for j in range(HIDDEN):
                k = 2 * j
                unit = max(
                    here[k] + opening[k] + there[2 * HIDDEN + k] + hidden_bias[k],
                    here[k + 1] + opening[k + 1] + there[2 * HIDDEN + k + 1] + hidden_bias[k + 1],
                )
                on_score += output[j, on] * unit
                off_score += output[j, off] * unit
            if token == end - 1 or off_score > on_score or (off_score == on_score and off < on):
                found[count, 0] = text
                found[count, 1] = starts[begun]
                found[count, 2] = ends[token]
                found[count, 3] = label
                count += 1
                begun = -1
            else:
                _times(rows[token], others, others_bias, there)
    return count
