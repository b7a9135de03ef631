data "aws_vpc" "main" {
  id = "vpc-1"
}
