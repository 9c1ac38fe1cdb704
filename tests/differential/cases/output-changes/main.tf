output "same" { value = 1 }
output "changes" { value = "a" }
output "goes" { value = true }
output "kind" { value = "1" }
