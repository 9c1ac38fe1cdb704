output "all" {
  value = {
    chunk     = chunklist(["a", "b", "c"], 2)
    compact   = compact(["a", "", null, "b"])
    concat    = concat(["a"], [1, true], [])
    contains  = [contains(["a"], "a"), contains(toset(["a"]), "b")]
    distinct  = distinct(["b", "a", "b"])
    element   = [element(["a", "b", "c"], 4), element(["a", "b"], 0)]
    flatten   = flatten([["a", ["b"]], [], "c"])
    index     = index(["a", "b"], "b")
    keys      = [keys({ b = 1, a = 2 }), values({ b = 1, a = 2 })]
    length    = [length([1, 2]), length({ a = 1 }), length(toset(["x"]))]
    lookup    = [lookup({ a = 1 }, "a", 0), lookup({ a = 1 }, "b", 0)]
    matchkeys = matchkeys(["i1", "i2", "i3"], ["a", "b", "a"], ["a"])
    merge     = merge({ a = 1 }, { b = "x" }, null, { a = 2 })
    range     = [range(3), range(1, 4), range(0, 10, 3), range(3, 0), range(0.5, 2)]
    reverse   = reverse(["a", 1])
    sets      = [setunion(["a"], ["b"]), setintersection(["a", "b"], ["b"]), setsubtract(["a", "b"], ["a"]), setproduct(["a", "b"], [1, 2])]
    slice     = slice(["a", "b", "c"], 1, 3)
    sort      = sort(["b", "A", "a", "10", "9"])
    sum       = [sum([1, 2.5]), sum(["1", 2])]
    transpose = transpose({ a = ["x", "y"], b = ["y"] })
    zipmap    = [zipmap(["a", "b"], [1, "x"]), zipmap([], [])]
    all       = [alltrue([]), alltrue([true, "true"]), anytrue([false]), anytrue([])]
    one       = [one([]), one(["a"])]
  }
}
