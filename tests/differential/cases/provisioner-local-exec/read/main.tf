output "out" { value = file("../out.txt") }
output "inter" { value = file("../inter.txt") }
output "where" { value = basename(trimspace(file("../sub/where.txt"))) }
