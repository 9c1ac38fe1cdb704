output "arithmetic" { value = [1 + 2 * 3, (1 + 2) * 3, 7 / 2, 7 % 3, -7 % 3, -(2 - 5), 1 / 3] }
output "compare" { value = [1 < 2, 2 <= 2, 3 > 4, 4 >= 4, 1 == 1, 1 != 1, "a" == "a", 1 == "1", true == "true"] }
output "logic" { value = [true && false, true || false, !true, false || true && false] }
output "equal" { value = [[1, 2] == [1, 2], { a = 1 } == { a = 1 }, null == null, [] == [], tolist([]) == [], {} == null] }
output "converted" { value = ["1" + "2", "4" * 2, 5 - "3"] }
output "precise" { value = [0.1 + 0.2, 1e3, 1.5e-3, 100000000000000000000 + 1, 0.1 * 3] }
