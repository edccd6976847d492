namespace Theseus.Move.Format;

/// <summary>
/// The field's status numbers, by thousands: 1xxx verification and linking, 2xxx broken invariant, 3xxx bytes, 4xxx execution.
/// A program's author and a node's operator see them; receipts commit to them (execution 3). A pass is one of move 2.4.
/// </summary>
public enum StatusCode : ulong
{
    /// <summary>Nothing went wrong.</summary>
    Executed = 4001,

    // verification
    /// <summary>
    /// An index of the program names no entry of the pool that it points into, or a branch leaves the code (pass 1).
    /// </summary>
    IndexOutOfBounds = 1001,

    /// <summary>A reference stands inside another type or as a type argument; references are outermost only (pass 4).</summary>
    InvalidSignatureToken = 1003,

    /// <summary>A struct contains itself, directly or through others (pass 9).</summary>
    RecursiveStructDefinition = 1005,

    /// <summary>A field lacks an ability that its struct's abilities ask of it (pass 8).</summary>
    FieldMissingTypeAbility = 1006,

    /// <summary>The last instruction is not Ret, Abort or Branch: control would run off the end (pass 11a).</summary>
    InvalidFallThrough = 1007,

    /// <summary>A basic block pops more operands than it has pushed (pass 11b).</summary>
    NegativeStackSizeWithinBlock = 1009,

    /// <summary>
    /// An entry function or script takes what a user cannot send, takes signers behind other arguments, or returns something
    /// (pass 12).
    /// </summary>
    InvalidMainFunctionSignature = 1011,

    /// <summary>An entry repeats an earlier one of its pool, or two fields of a struct share a name (pass 3).</summary>
    DuplicateElement = 1012,

    /// <summary>A definition belongs to another module than the one that holds it (pass 3).</summary>
    InvalidModuleHandle = 1013,

    /// <summary>A struct or function handle of this very module has no definition (pass 3).</summary>
    UnimplementedHandle = 1014,

    /// <summary>
    /// A dependency lacks the struct or function that is named, or the function may not be called from here (linking).
    /// </summary>
    LookupFailed = 1017,

    /// <summary>
    /// A handle differs from what its dependency defines (linking), or an operand of a vector instruction has the wrong type
    /// (pass 11c).
    /// </summary>
    TypeMismatch = 1020,

    /// <summary>
    /// A module that is named does not exist (linking), a native is unknown or declared where it may not be, or a struct is
    /// native.
    /// </summary>
    MissingDependency = 1021,

    /// <summary>Pop of a value without <c>drop</c> (pass 11c).</summary>
    PopWithoutDropAbility = 1023,

    /// <summary>BrTrue or BrFalse on something other than a bool (pass 11c).</summary>
    BrTypeMismatch = 1025,

    /// <summary>Abort with something other than a u64 (pass 11c).</summary>
    AbortTypeMismatch = 1026,

    /// <summary>StLoc of another type than the local's (pass 11c).</summary>
    StLocTypeMismatch = 1027,

    /// <summary>StLoc over a value that may lack <c>drop</c> (pass 11d) or is borrowed (pass 11e).</summary>
    StLocUnsafeToDestroy = 1028,

    /// <summary>Ret while a result still refers to a local or to global storage (pass 11e).</summary>
    UnsafeRetLocalOrResourceStillBorrowed = 1029,

    /// <summary>Ret with other types than the declared results (pass 11c).</summary>
    RetTypeMismatch = 1030,

    /// <summary>Ret of a mutable reference that is itself borrowed (pass 11e).</summary>
    RetBorrowedMutableReference = 1031,

    /// <summary>FreezeRef of something other than a mutable reference (pass 11c).</summary>
    FreezeRefTypeMismatch = 1032,

    /// <summary>FreezeRef while something borrows mutably from the reference (pass 11e).</summary>
    FreezeRefExistsMutableBorrow = 1033,

    /// <summary>A field is borrowed from something other than a fitting reference to its struct (pass 11c).</summary>
    BorrowFieldTypeMismatch = 1034,

    /// <summary>A field is borrowed while a conflicting borrow of it lives (pass 11e).</summary>
    BorrowFieldExistsMutableBorrow = 1036,

    /// <summary>CopyLoc of a local that may be empty (pass 11d).</summary>
    CopyLocUnavailable = 1037,

    /// <summary>CopyLoc of a value without <c>copy</c> (pass 11c).</summary>
    CopyLocWithoutCopyAbility = 1038,

    /// <summary>CopyLoc of a local that is mutably borrowed (pass 11e).</summary>
    CopyLocExistsBorrow = 1039,

    /// <summary>MoveLoc of a local that may be empty (pass 11d).</summary>
    MoveLocUnavailable = 1040,

    /// <summary>MoveLoc of a local that is borrowed (pass 11e).</summary>
    MoveLocExistsBorrow = 1041,

    /// <summary>A reference to a reference: the local that is borrowed holds one (pass 11c).</summary>
    BorrowLocReference = 1042,

    /// <summary>A local is borrowed that may be empty (pass 11d).</summary>
    BorrowLocUnavailable = 1043,

    /// <summary>A local is borrowed while a conflicting borrow of it lives (pass 11e).</summary>
    BorrowLocExistsBorrow = 1044,

    /// <summary>An argument of a call has another type than the parameter (pass 11c).</summary>
    CallTypeMismatch = 1045,

    /// <summary>A mutable reference is passed while something borrows from it (pass 11e).</summary>
    CallBorrowedMutableReference = 1046,

    /// <summary>Pack with another type than the field's (pass 11c).</summary>
    PackTypeMismatch = 1047,

    /// <summary>Unpack of another type than the struct (pass 11c).</summary>
    UnpackTypeMismatch = 1048,

    /// <summary>ReadRef of something other than a reference (pass 11c).</summary>
    ReadRefTypeMismatch = 1049,

    /// <summary>ReadRef of a value without <c>copy</c> (pass 11c).</summary>
    ReadRefWithoutCopyAbility = 1050,

    /// <summary>ReadRef while something borrows mutably from the reference (pass 11e).</summary>
    ReadRefExistsMutableBorrow = 1051,

    /// <summary>WriteRef of another type than the reference's target (pass 11c).</summary>
    WriteRefTypeMismatch = 1052,

    /// <summary>WriteRef over a value without <c>drop</c> (pass 11c).</summary>
    WriteRefWithoutDropAbility = 1053,

    /// <summary>WriteRef while something borrows from the reference (pass 11e).</summary>
    WriteRefExistsBorrow = 1054,

    /// <summary>WriteRef through something other than a mutable reference (pass 11c).</summary>
    WriteRefNoMutableReference = 1055,

    /// <summary>
    /// Operands of an arithmetic, ordering, shift or cast instruction are not integers of the types it takes (pass 11c).
    /// </summary>
    IntegerOpTypeMismatch = 1056,

    /// <summary>Operands of And, Or or Not are not bools (pass 11c).</summary>
    BooleanOpTypeMismatch = 1057,

    /// <summary>Operands of Eq or Neq differ in type or lack <c>drop</c> (pass 11c).</summary>
    EqualityOpTypeMismatch = 1058,

    /// <summary>Exists of a struct without <c>key</c>, or of something other than an address (pass 11c).</summary>
    ExistsWithoutKeyAbilityOrBadArgument = 1059,

    /// <summary>A resource is borrowed from something other than an address (pass 11c).</summary>
    BorrowGlobalTypeMismatch = 1060,

    /// <summary>A global borrow of a struct without <c>key</c> (pass 11c).</summary>
    BorrowGlobalWithoutKeyAbility = 1061,

    /// <summary>MoveFrom something other than an address (pass 11c).</summary>
    MoveFromTypeMismatch = 1062,

    /// <summary>MoveFrom of a struct without <c>key</c> (pass 11c).</summary>
    MoveFromWithoutKeyAbility = 1063,

    /// <summary>MoveTo without a reference to a signer and a value of the struct (pass 11c).</summary>
    MoveToTypeMismatch = 1064,

    /// <summary>MoveTo of a struct without <c>key</c> (pass 11c).</summary>
    MoveToWithoutKeyAbility = 1065,

    /// <summary>A published module lives at another address than its bundle may fill (move 4.2).</summary>
    ModuleAddressDoesNotMatchSender = 1067,

    /// <summary>A module without module handles, so without a name of its own (pass 1).</summary>
    NoModuleHandles = 1068,

    /// <summary>A basic block leaves operands behind (pass 11b).</summary>
    PositiveStackSizeAtBlockEnd = 1069,

    /// <summary>A body touches a resource that its function does not declare in <c>acquires</c> (pass 11f).</summary>
    MissingAcquiresAnnotation = 1070,

    /// <summary>A resource in <c>acquires</c> that the body never touches (pass 11f).</summary>
    ExtraneousAcquiresAnnotation = 1071,

    /// <summary>A resource stands in <c>acquires</c> twice (pass 3).</summary>
    DuplicateAcquiresAnnotation = 1072,

    /// <summary>A struct in <c>acquires</c> lacks <c>key</c> (pass 11f).</summary>
    InvalidAcquiresAnnotation = 1073,

    /// <summary>MoveFrom, a conflicting borrow, or a call that acquires the resource while it is borrowed (pass 11e).</summary>
    GlobalReferenceError = 1074,

    /// <summary>
    /// A type argument lacks an ability that is asked of it (pass 4), or a vector instruction counts too many elements (pass 5).
    /// </summary>
    ConstraintNotSatisfied = 1075,

    /// <summary>Another number of type arguments than of type parameters.</summary>
    NumberOfTypeArgumentsMismatch = 1076,

    /// <summary>A cycle of generic calls wraps its type parameter, so that types would grow forever (pass 10).</summary>
    LoopInInstantiationGraph = 1077,

    /// <summary>A struct without fields (pass 3).</summary>
    ZeroSizedStruct = 1080,

    /// <summary>A transaction names a module that does not exist.</summary>
    LinkerError = 1081,

    /// <summary>A constant is neither a primitive nor a vector of such (pass 6).</summary>
    InvalidConstantType = 1082,

    /// <summary>A constant's bytes are not exactly one value of its type (pass 6).</summary>
    MalformedConstantData = 1083,

    /// <summary>A function body without instructions (pass 11a).</summary>
    EmptyCodeUnit = 1084,

    /// <summary>A jump into the middle of a loop: loops have one entry (pass 11a).</summary>
    InvalidLoopSplit = 1085,

    /// <summary>Ret while a local may hold a value without <c>drop</c> (pass 11d).</summary>
    UnsafeRetUnusedValuesWithoutDrop = 1088,

    /// <summary>Parameters and locals together are more than 255 (pass 1).</summary>
    TooManyLocals = 1089,

    /// <summary>A generic instruction names a plain thing, or a plain instruction a generic one (pass 5).</summary>
    GenericMemberOpcodeMismatch = 1090,

    /// <summary>A transaction names a function that its module lacks.</summary>
    FunctionResolutionFailure = 1091,

    /// <summary>A bundle holds a module twice (move 4.2).</summary>
    DuplicateModuleName = 1095,

    /// <summary>An upgrade breaks a rule of compatibility; see <see cref="Verify.CompatibilityRule"/> (move 4.1).</summary>
    BackwardIncompatibleModuleUpdate = 1096,

    /// <summary>A module is reachable from itself through dependencies (move 2.5).</summary>
    CyclicModuleDependency = 1097,

    /// <summary>A transaction has more or fewer arguments than parameters that it fills.</summary>
    NumberOfArgumentsMismatch = 1098,

    /// <summary>A parameter or type argument has a type that users cannot send (execution 1.3).</summary>
    InvalidParamTypeForDeserialization = 1099,

    /// <summary>The bytes of an argument are not the canonical form of a value of its type.</summary>
    FailedToDeserializeArgument = 1100,

    /// <summary>A signer parameter that nobody fills: a user's call has signers in front only.</summary>
    NumberOfSignerArgumentsMismatch = 1101,

    /// <summary>A transaction calls what is not an entry function, or a view call what is not marked <c>#[view]</c>.</summary>
    ExecuteEntryFunctionCalledOnNonEntryFunction = 1103,

    /// <summary>A module is its own friend (pass 7).</summary>
    InvalidFriendDeclWithSelf = 1104,

    /// <summary>A friend lives at another address (pass 7).</summary>
    InvalidFriendDeclWithModulesOutsideAccountAddress = 1105,

    /// <summary>A friend is also a dependency, which would let a callee call back (move 2.5).</summary>
    InvalidFriendDeclWithModulesInDependencies = 1106,

    /// <summary>A module is reachable from itself through friends (move 2.5).</summary>
    CyclicModuleFriendship = 1107,

    /// <summary>A phantom type parameter stands where its values would be held (pass 4).</summary>
    InvalidPhantomTypeParamPosition = 1108,

    /// <summary>A vector is changed while an element of it is borrowed (pass 11e).</summary>
    VecUpdateExistsMutableBorrow = 1109,

    /// <summary>An element is borrowed while a conflicting borrow of another lives (pass 11e).</summary>
    VecBorrowElementExistsMutableBorrow = 1110,

    /// <summary>Loops nest deeper than the cap (pass 11a).</summary>
    LoopMaxDepthReached = 1111,

    /// <summary>More type parameters than the cap (pass 2).</summary>
    TooManyTypeParameters = 1112,

    /// <summary>More parameters, or more results, than the cap (pass 2).</summary>
    TooManyParameters = 1113,

    /// <summary>More basic blocks in a function than the cap (pass 11a).</summary>
    TooManyBasicBlocks = 1114,

    /// <summary>The operand stack of a function grows beyond the cap (pass 11b).</summary>
    ValueStackOverflow = 1115,

    /// <summary>A type weighs more than the cap (pass 2), or one made by substitution has too many nodes (move 2.6).</summary>
    TooManyTypeNodes = 1116,

    /// <summary>A function pushes more operands than the cap (pass 11b).</summary>
    ValueStackPushOverflow = 1117,

    /// <summary>A chain of dependencies or friends is longer than the cap (move 2.5).</summary>
    MaxDependencyDepthReached = 1118,

    /// <summary>More functions in a module than the cap (pass 2).</summary>
    MaxFunctionDefinitionsReached = 1119,

    /// <summary>More structs in a module than the cap (pass 2).</summary>
    MaxStructDefinitionsReached = 1120,

    /// <summary>More fields in a struct than the cap (pass 2).</summary>
    MaxFieldDefinitionsReached = 1121,

    /// <summary>More jumps back in a function than the cap (pass 11a).</summary>
    TooManyBackEdges = 1122,

    /// <summary>An event type of another module, or one without the attribute (execution 4).</summary>
    EventMetadataValidationError = 1123,

    /// <summary>The verification budget ran out, or a script or module is larger than the cap.</summary>
    ProgramTooComplex = 1125,

    // broken invariants: the node's operator is paged, the user is not blamed
    /// <summary>The interpreter met an operation that it does not know.</summary>
    UnknownInvariantViolation = 2000,

    /// <summary>Code or a constant that was verified when it was published cannot be decoded.</summary>
    UnexpectedVerifierError = 2017,

    /// <summary>A stored module does not decode, or it has another name than the one it is stored under.</summary>
    UnexpectedDeserializationError = 2018,

    /// <summary>Stored bytes are not a value of the type they are stored under.</summary>
    FailedToDeserializeResource = 2020,

    /// <summary>
    /// A transaction or a view names a struct that its module lacks: the user's mistake, in spite of the number.
    /// </summary>
    TypeResolutionFailure = 2021,

    // bytes
    /// <summary>
    /// The bytes end inside an entry, a number is not minimal or above its bound, a mark is none of those defined, or types
    /// nest too deep.
    /// </summary>
    Malformed = 3001,

    /// <summary>The bytes do not begin with <see cref="FormatLimits.Magic"/>.</summary>
    BadMagic = 3002,

    /// <summary>Another version than <see cref="FormatLimits.Version"/>.</summary>
    UnknownVersion = 3003,

    /// <summary>A table of a kind that <see cref="TableKind"/> lacks.</summary>
    UnknownTableType = 3004,

    /// <summary>A type token that <see cref="TokenKind"/> lacks.</summary>
    UnknownSerializedType = 3006,

    /// <summary>A byte of code that <see cref="Opcode"/> lacks.</summary>
    UnknownOpcode = 3007,

    /// <summary>Tables that are empty, overlap, leave gaps or end behind the bytes.</summary>
    BadHeaderTable = 3008,

    /// <summary>Two tables of one kind.</summary>
    DuplicateTable = 3010,

    /// <summary>A struct definition's mark is neither 1 (native) nor 2 (declared).</summary>
    UnknownNativeStructFlag = 3014,

    /// <summary>The bytes end inside a u16.</summary>
    BadU16 = 3017,

    /// <summary>The bytes end inside a u32.</summary>
    BadU32 = 3018,

    /// <summary>The bytes end inside a u64.</summary>
    BadU64 = 3019,

    /// <summary>The bytes end inside a u128.</summary>
    BadU128 = 3020,

    /// <summary>The bytes end inside a u256.</summary>
    BadU256 = 3021,

    /// <summary>The bytes of a transaction's script do not decode; the message has the status of the reader.</summary>
    CodeDeserializationError = 3024,

    /// <summary>A function's flags have bits other than 2 (native) and 4 (entry).</summary>
    InvalidFlagBits = 3025,

    /// <summary>Bytes after the end of a module or script: they would make two hashes of one program.</summary>
    TrailingBytes = 3026,

    // execution
    /// <summary>The gas does not suffice for the next work; all of it is used.</summary>
    OutOfGas = 4002,

    /// <summary>MoveTo an account that already holds the resource.</summary>
    ResourceAlreadyExists = 4004,

    /// <summary>MoveFrom, or a global borrow, of a resource that the account does not hold.</summary>
    MissingData = 4008,

    /// <summary>The program or a native aborted; the sub status is its code.</summary>
    Aborted = 4016,

    /// <summary>Overflow, underflow, division by zero, a shift by the width or more, or a cast that does not fit.</summary>
    ArithmeticError = 4017,

    /// <summary>
    /// An index out of bounds, a pop of an empty vector, or an unpack of the wrong length; see <see
    /// cref="Runtime.VectorError"/>.
    /// </summary>
    VectorOperationError = 4018,

    /// <summary>A call would raise the operands over all frames above their limit (move 3.1).</summary>
    ExecutionStackOverflow = 4020,

    /// <summary>More calls wait for their callee than may (move 3.1).</summary>
    CallStackOverflow = 4021,

    /// <summary>A type made by substitution, or one of a stored value or an event, nests too deep (move 2.6).</summary>
    VmMaxTypeDepthReached = 4024,

    /// <summary>Values of a type would nest too deep (move 2.6).</summary>
    VmMaxValueDepthReached = 4025,

    /// <summary>A native of unit tests runs outside of one.</summary>
    VmExtensionError = 4026,

    /// <summary>A key, a value, all writes or all events of a transaction are larger than may be (execution 3).</summary>
    StorageWriteLimitReached = 4027,

    /// <summary>A session allocates more memory, freed or not, than it may (move 3.1).</summary>
    MemoryLimitExceeded = 4028,

    /// <summary>A session reads more bytes of state than it may (move 3.1).</summary>
    IoLimitReached = 4031,
}
