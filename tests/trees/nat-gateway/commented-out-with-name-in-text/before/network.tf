resource "aws_subnet" "public" {
  vpc_id     = "vpc-1"
  cidr_block = "10.40.96.0/24"

  tags = {
    Name = "bond-public"
  }
}

resource "aws_route_table" "private" {
  vpc_id = "vpc-1"

  tags = {
    Name = "bond-private"
  }
}

resource "aws_security_group" "extra" {
  count  = 2
  name   = "extra-${count.index}"
  vpc_id = "vpc-1"
}
