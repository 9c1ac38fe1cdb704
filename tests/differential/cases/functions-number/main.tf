output "all" {
  value = {
    abs    = [abs(-5), abs(2.5)]
    round  = [ceil(1.2), ceil(-1.2), floor(1.8), floor(-1.2)]
    log    = [log(8, 2), log(100, 10)]
    max    = [max(1, 5, 3), min(1, 5, 3), max([1, 9]...)]
    pow    = [pow(2, 10), pow(2, 0.5), pow(2, -1)]
    signum = [signum(-3), signum(0), signum(7)]
    parse  = [parseint("ff", 16), parseint("-101", 2), parseint("zz", 36)]
    third  = 1 / 3
    big    = [pow(2, 100), 123456789012345678901234567890 * 10, 9007199254740993]
    small  = [0.000001, 1e-10, 1.0, 100.10]
  }
}
