resource "aws_nat_gateway" "old" {
  allocation_id = "eipalloc-1"
  subnet_id     = "subnet-b"

  tags = {
    Name = "bond-nat"
  }
}
