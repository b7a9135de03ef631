data "aws_vpc" "other" {
  id = "vpc-9"
}
