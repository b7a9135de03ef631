variable "group" {
  type    = string
  default = "sg-app"
}

data "aws_vpc" "main" {
  id = "vpc-1"
}
