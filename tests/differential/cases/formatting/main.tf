resource   "terraform_data"  "a"{
input=1
  triggers_replace   =   [1,2,
3]
lifecycle{
create_before_destroy=true
}
}
locals {
a=1
  long_name   =2
  # comment
  b = { x=1
  yy = 2 }
}
output "x" {value=local.a+1}
