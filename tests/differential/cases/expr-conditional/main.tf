variable "t" { default = true }
output "simple" { value = var.t ? "a" : "b" }
output "convert" { value = var.t ? 1 : "b" }
output "null" { value = var.t ? null : "b" }
output "tuples" { value = var.t ? ["a"] : ["b", "c"] }
output "objects" { value = var.t ? { a = 1, b = "x" } : { a = "2" } }
output "nested" { value = var.t ? (1 > 2 ? "x" : "y") : "z" }
output "chained" {
  value = var.t == false ? 1 : var.t == null ? 2 : 3
}
output "lists" { value = var.t ? tolist(["a"]) : [] }
output "maps" { value = var.t ? { a = "b" } : {} }
