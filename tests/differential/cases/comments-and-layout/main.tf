# hash
// slashes
/* block
   comment */
resource "terraform_data" "a" { # after a brace
  input = { /* inside */ a = 1, // end
    b = 2   # end
  }
} // end

output "x" { value = (
  1 +
  2
) }
output "long" {
  value = [
    1, # one
    2,
    # nothing
  ]
}
resource terraform_data unquoted { input = "labels without quotes" }
output "c" {
  value = max(
    1,
    2,
  )
}
