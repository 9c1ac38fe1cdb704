resource "terraform_data" "old" { input = 1 }
resource "terraform_data" "list" {
  count = 2
  input = count.index
}
